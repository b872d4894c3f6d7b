import { describe, expect, it } from '@jest/globals';
import type { AuditEntry } from '@camplane/contracts/access';
import { CamplaneError } from '@camplane/contracts/problem';
import { createMetrics } from '@camplane/service-kit/metrics';
import { createAuditLog } from './audit-log.ts';

const refusal = {
  action: 'listUsers',
  outcome: 'refused',
  username: null,
  method: 'anonymous',
  credentialId: null,
  cameraId: null,
  address: '192.0.2.1',
  detail: 'Without a credential',
} as const;
const change = { ...refusal, outcome: 'allowed', username: 'anna', method: 'session' } as const;

function start(insert: (entries: readonly AuditEntry[]) => Promise<void>) {
  const lines: object[] = [];
  const log = { info: (fields: object) => lines.push(fields), warn: () => {}, error: () => {} };
  const metrics = createMetrics('control-api', { processMetrics: false });
  const table = { insert, list: () => Promise.reject(new Error('unused')), deleteBefore: async () => {} };
  const clock = { nowMs: 1_000_000 };
  const wallClock = { epochMs: () => clock.nowMs };
  const audit = createAuditLog({ table, retentionDays: 1, wallClock, log: log as never, metrics });
  const lost = async () =>
    (await metrics.registry.getSingleMetric('camplane_audit_entries_lost_total')?.get())?.values[0]?.value;
  return { ...audit, lines, clock, lost };
}

describe('the audit log', () => {
  it('merges equal refusals of a minute, and says how many there were', async () => {
    const stored: AuditEntry[] = [];
    const { audit, flush, clock, lines } = start(async (entries) => void stored.push(...entries));
    for (let count = 0; count < 100; count++) audit(refusal);
    audit({ ...refusal, address: '192.0.2.2' });
    clock.nowMs += 60_000;
    audit(refusal);
    for (let count = 0; count < 3; count++) audit(change);
    await flush();
    expect(stored.map(({ detail, address }) => `${address} ${detail}`)).toEqual([
      '192.0.2.1 Without a credential',
      '192.0.2.2 Without a credential',
      '192.0.2.1 Without a credential (and 99 more before)',
      ...Array.from({ length: 3 }, () => '192.0.2.1 Without a credential'),
    ]);
    expect(lines).toHaveLength(stored.length);
    expect(lines[0]).toMatchObject({ audit: true, action: 'listUsers', outcome: 'refused' });
  });

  it('keeps the newest thousand entries while the database is unavailable, and counts the lost ones', async () => {
    const stored: AuditEntry[] = [];
    let isAvailable = false;
    const { audit, flush, lost } = start(async (entries) => {
      if (!isAvailable) throw new CamplaneError('store-unavailable', 'unavailable');
      stored.push(...entries);
    });
    for (let count = 0; count < 1_010; count++) audit({ ...change, detail: String(count) });
    await flush();
    expect(stored).toEqual([]);
    isAvailable = true;
    await flush();
    expect(stored.map(({ detail }) => Number(detail))).toEqual(
      Array.from({ length: 1_000 }, (_, n) => n + 10),
    );
    expect(await lost()).toBe(10);
  });

  it('drops entries that the database rejects, and stores the later ones', async () => {
    const stored: AuditEntry[] = [];
    const { audit, flush, lost } = start(async (entries) => {
      if (entries.some(({ detail }) => detail === 'rejected'))
        throw new CamplaneError('internal', 'rejected');
      stored.push(...entries);
    });
    audit({ ...change, detail: 'rejected' });
    await flush();
    audit(change);
    await flush();
    expect([stored.length, await lost()]).toEqual([1, 1]);
  });

  it('replaces control characters of a user name that anybody can send', async () => {
    const stored: AuditEntry[] = [];
    const { audit, flush } = start(async (entries) => void stored.push(...entries));
    audit({ ...refusal, username: 'a\u0000\n\ud800' });
    await flush();
    expect(stored[0]?.username).toBe('a???');
  });
});
