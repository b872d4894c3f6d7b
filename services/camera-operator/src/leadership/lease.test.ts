import { describe, expect, it } from '@jest/globals';
import { claimOf, heldLease, recordOf, releasedLease } from './lease.ts';
import type { Lease } from './lease.ts';

const holder = { namespace: 'default', name: 'operator', identity: 'a', durationSeconds: 15 };
const held = heldLease(undefined, holder, 0);

describe('claimOf', () => {
  const cases: [string, Lease | undefined, number, string][] = [
    ['take', undefined, 0, 'no lease exists'],
    ['hold', held, 1_000_000, 'it is the own lease, at any age'],
    ['wait', { ...held, spec: { ...held.spec, holderIdentity: 'b' } }, 14_999, 'another replica renewed it'],
    [
      'take',
      { ...held, spec: { ...held.spec, holderIdentity: 'b' } },
      15_000,
      'another replica let it expire',
    ],
    ['take', releasedLease(held, 5), 6, 'it was released'],
  ];
  it.each(cases)('is %s for %o', (claim, lease, nowMs) => {
    expect(claimOf(lease, 'a', { record: recordOf(lease), seenMs: 0 }, nowMs)).toBe(claim);
  });

  it('does not compare clocks: an old renewTime may have been observed just now', () => {
    const foreign = {
      ...held,
      spec: { ...held.spec, holderIdentity: 'b', renewTime: '1999-01-01T00:00:00.000000Z' },
    };
    expect(claimOf(foreign, 'a', { record: '', seenMs: 100_000 }, 101_000)).toBe('wait');
  });
});

describe('heldLease', () => {
  it('counts transitions and keeps the acquire time', () => {
    expect(held.spec).toMatchObject({ holderIdentity: 'a', leaseTransitions: 0 });
    const renewed = heldLease(held, holder, 2_000);
    expect(renewed.spec).toMatchObject({
      acquireTime: '1970-01-01T00:00:00.000000Z',
      renewTime: '1970-01-01T00:00:02.000000Z',
      leaseTransitions: 0,
    });
    const taken = heldLease(renewed, { ...holder, identity: 'b' }, 60_000);
    expect(taken.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
    expect(recordOf(taken)).not.toBe(recordOf(renewed));
  });
});
