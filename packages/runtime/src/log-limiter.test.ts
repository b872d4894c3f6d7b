import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createLogLimiter } from './log-limiter.ts';

function setUp(perMinute: number) {
  let nowMs = 1_000_000;
  const limit = createLogLimiter({ perMinute, now: () => nowMs });
  return { limit, wait: (ms: number) => (nowMs += ms) };
}

const lost = (count: number, address = '0x55d0c8f2') => `[rtsp @ ${address}] RTP: missed ${count} packets`;

describe('createLogLimiter', () => {
  it('limits lines that differ only in numbers and addresses', () => {
    const { limit } = setUp(2);
    const logged = [lost(1), lost(23), lost(4, '0xdeadBEEF'), lost(5)].flatMap(limit);
    expect(logged).toEqual([lost(1), lost(23)]);
  });

  it('does not limit lines of other kinds', () => {
    const { limit } = setUp(1);
    expect([lost(1), lost(2), 'Broken pipe', lost(3)].flatMap(limit)).toEqual([lost(1), 'Broken pipe']);
  });

  it('summarizes suppressed lines once, after the minute', () => {
    const { limit, wait } = setUp(1);
    for (let i = 0; i < 11; i += 1) limit(lost(i));
    wait(60_000);
    expect(limit('something else')).toEqual([`10 similar lines suppressed: ${lost(10)}`, 'something else']);
    expect(limit(lost(12))).toEqual([lost(12)]);
  });

  it('writes no summary if nothing was suppressed', () => {
    const { limit, wait } = setUp(5);
    limit(lost(1));
    wait(120_000);
    expect(limit(lost(2))).toEqual([lost(2)]);
  });

  it('logs or counts every line exactly once', () => {
    const calls = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 30_000 })));
    fc.assert(
      fc.property(calls, fc.integer({ min: 1, max: 3 }), (items, perMinute) => {
        const { limit, wait } = setUp(perMinute);
        const logged = items.flatMap(([line, afterMs]) => {
          wait(afterMs);
          return limit(line);
        });
        wait(60_000);
        logged.push(...limit('end'));
        const counts = logged.map((line) => Number(/^(\d+) similar/.exec(line)?.[1] ?? 1));
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(items.length + 1);
      }),
    );
  });

  it('remembers a bounded number of kinds', () => {
    const { limit } = setUp(1);
    const word = (i: number) => [...String(i)].map((digit) => 'abcdefghij'[Number(digit)]).join('');
    limit('first');
    limit('first');
    const logged = Array.from({ length: 300 }, (_, i) => limit(word(i))).flat();
    expect(logged).toContain('1 similar lines suppressed: first');
    expect(limit('first')).toEqual(['first']);
  });
});
