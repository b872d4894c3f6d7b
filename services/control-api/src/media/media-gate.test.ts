import { describe, expect, it } from '@jest/globals';
import type { AuditEntry } from '@camplane/contracts/access';
import type { AuthRequest } from '@camplane/mediamtx/auth-request';
import { createSimulatedClock } from '@camplane/runtime/simulated-clock';
import type { Principal } from '../access/principal.ts';
import { createMediaGate } from './media-gate.ts';
import type { User } from './media-gate.ts';
import type { MediaSession } from './media-sessions.ts';
import { createSpentTickets } from './spent-tickets.ts';
import { createStreamTickets } from './stream-tickets.ts';

const amy: User = {
  kind: 'user',
  userId: 'amy-id',
  username: 'amy',
  credential: { kind: 'session', id: 'amy-session' },
  limits: [[{ permissions: new Set(['camera.view']), scope: { kind: 'cameras', ids: ['door', 'gone'] } }]],
};
const token: User = { ...amy, credential: { kind: 'token', id: 'amy-token' } };

function setUp() {
  const clock = createSimulatedClock(1_800_000_000_000);
  const tickets = createStreamTickets('a secret of tests with 32 characters', clock);
  const current = new Map<string, User>([
    ['amy-session', amy],
    ['amy-token', token],
  ]);
  const audited: Omit<AuditEntry, 'id' | 'at'>[] = [];
  const remembered: MediaSession[] = [];
  const gate = createMediaGate({
    access: {
      principalOfToken: (secret): Principal | null => (secret === 'cpl_amy' ? token : null),
      refresh: (principal) =>
        principal.kind === 'user' ? (current.get(principal.credential.id) ?? null) : principal,
      audit: (entry) => audited.push(entry),
    },
    tickets,
    cameras: { identity: (id) => (id === 'door' || id === 'yard' ? { id, labels: {} } : undefined) },
    spent: createSpentTickets(clock),
    sessions: { remember: (session) => remembered.push(session) < 100 },
    wallClock: clock,
  });
  let nextId = 0;
  const admit = (change: Partial<AuthRequest>) =>
    gate.admit({
      ...{ user: '', password: '', token: '', ip: '192.0.2.1', action: 'read', path: 'door' },
      ...{ protocol: 'webrtc', id: `session-${(nextId += 1)}`, query: '' },
      ...change,
    });
  const issue = async (use: 'header' | 'address', cameraId = 'door') =>
    (await tickets.issue({ use, cameraId, userId: amy.userId, credential: amy.credential })).ticket;
  return { clock, current, audited, remembered, admit, issue };
}

const login = (user: string, password: string) => ({ user, password, token: password });

describe('the media gate', () => {
  it('admits a ticket in a header, again and for the sub stream, until it expires', async () => {
    const { clock, admit, issue } = setUp();
    const ticket = await issue('header');
    const admitted = { allow: true, credentialId: 'amy-session' };
    expect(admit({ token: ticket })).toEqual(admitted);
    expect(admit({ token: ticket, path: 'door/sub', protocol: 'hls' })).toEqual(admitted);
    clock.advance(60_000);
    expect(admit({ token: ticket })).toMatchObject({ allow: false, reason: 'the ticket has expired' });
  });

  it('admits an API token with its user name, and as a bearer token', () => {
    const { admit } = setUp();
    const admitted = { allow: true, credentialId: 'amy-token' };
    expect(admit({ ...login('amy', 'cpl_amy'), protocol: 'rtsp' })).toEqual(admitted);
    expect(admit({ token: 'cpl_amy', protocol: 'hls' })).toEqual(admitted);
  });

  it('admits one session by a ticket in an address', async () => {
    const { admit, issue } = setUp();
    const query = `ticket=${await issue('address')}`;
    const allowed = (change: Partial<AuthRequest>) => admit({ query, ...change }).allow;
    // The page that plays it opens no session.
    expect(allowed({ id: null })).toBe(true);
    expect(allowed({ id: 'first' })).toBe(true);
    // MediaMTX asks twice about one WHEP session.
    expect(allowed({ id: 'first' })).toBe(true);
    expect(allowed({ id: 'second' })).toBe(false);
    expect(allowed({ id: 'first', protocol: 'hls' })).toBe(false);
  });

  it.each<[string, (issue: ReturnType<typeof setUp>['issue']) => Promise<Partial<AuthRequest>>]>([
    ['no credentials', () => Promise.resolve({})],
    ['an unknown camera', async (issue) => ({ token: await issue('header', 'gone'), path: 'gone' })],
    ['a ticket for another camera', async (issue) => ({ token: await issue('header', 'yard') })],
    ['a camera without rights', async (issue) => ({ token: await issue('header', 'yard'), path: 'yard' })],
    ['an address ticket in a header', async (issue) => ({ token: await issue('address') })],
    ['a header ticket in an address', async (issue) => ({ query: `ticket=${await issue('header')}` })],
    ['a ticket as a password', async (issue) => login('amy', await issue('header'))],
    ['the token of another user', () => Promise.resolve(login('bob', 'cpl_amy'))],
    ['an unknown token', () => Promise.resolve(login('amy', 'cpl_bob'))],
    ['a token for another camera', () => Promise.resolve({ ...login('amy', 'cpl_amy'), path: 'yard' })],
    ['no path', () => Promise.resolve({ ...login('amy', 'cpl_amy'), path: '' })],
  ])('refuses %s', async (_what, requestOf) => {
    const { admit, issue, remembered } = setUp();
    expect(admit(await requestOf(issue)).allow).toBe(false);
    expect(remembered).toEqual([]);
  });

  it('refuses a ticket whose session has ended or whose right was taken', async () => {
    const { admit, issue, current } = setUp();
    const ticket = await issue('header');
    current.set('amy-session', { ...amy, limits: [[]] });
    expect(admit({ token: ticket }).allow).toBe(false);
    current.delete('amy-session');
    expect(admit({ token: ticket }).allow).toBe(false);
  });

  it('remembers which credential opened a session', async () => {
    const { admit, issue, remembered } = setUp();
    admit({ token: await issue('header'), id: 'abc' });
    const session = { protocol: 'webrtc', cameraId: 'door', user: amy };
    expect(remembered).toEqual([{ ...session, id: 'abc', ticket: null }]);
    admit({ query: `ticket=${await issue('address')}`, id: 'def' });
    const ticket = { id: expect.any(String), expiresMs: expect.any(Number) };
    expect(remembered.slice(1)).toEqual([{ ...session, id: 'def', ticket }]);
  });

  it('audits refusals of credentials once a minute, without secrets', () => {
    const { admit, audited, clock } = setUp();
    admit({});
    admit(login('amy', 'cpl_wrong'));
    admit(login('amy', 'cpl_wrong'));
    expect(audited).toHaveLength(1);
    expect(audited[0]).toMatchObject({ action: 'media.read', outcome: 'refused', cameraId: 'door' });
    expect(JSON.stringify(audited)).not.toContain('cpl_wrong');
    clock.advance(60_000);
    admit(login('amy', 'cpl_wrong'));
    expect(audited).toHaveLength(2);
  });
});
