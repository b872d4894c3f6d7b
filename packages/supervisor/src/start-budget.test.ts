import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createStartBudget } from './start-budget.ts';

describe('createStartBudget', () => {
  it('allows a burst at once and spreads the rest', () => {
    const budget = createStartBudget({ startsPerSecond: 10, burst: 3 });
    const delays = Array.from({ length: 6 }, () => budget.reserve(0));
    expect(delays).toEqual([0, 0, 0, 100, 200, 300]);
  });

  it('counts from the previous reservation, not from the time of the request', () => {
    const budget = createStartBudget({ startsPerSecond: 10, burst: 1 });
    expect([budget.reserve(0), budget.reserve(50), budget.reserve(50)]).toEqual([0, 50, 150]);
  });

  it('allows one full burst again after an idle period', () => {
    const budget = createStartBudget({ startsPerSecond: 10, burst: 2 });
    for (let i = 0; i < 5; i += 1) budget.reserve(0);
    expect([budget.reserve(60_000), budget.reserve(60_000), budget.reserve(60_000)]).toEqual([0, 0, 100]);
  });

  it('keeps the order and never exceeds rate plus burst in any second', () => {
    const askedAfterMs = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(
        askedAfterMs,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 8 }),
        (gaps, rate, burst) => {
          const budget = createStartBudget({ startsPerSecond: rate, burst });
          let nowMs = 1_000_000;
          const starts = gaps.map((gap) => {
            nowMs += gap;
            return nowMs + budget.reserve(nowMs);
          });
          expect(starts).toEqual([...starts].sort((a, b) => a - b));
          for (const from of starts) {
            const inSecond = starts.filter((at) => at >= from && at < from + 1000).length;
            // Delays are whole milliseconds, so one more start may fall into a second.
            expect(inSecond).toBeLessThanOrEqual(rate + burst);
          }
        },
      ),
    );
  });
});
