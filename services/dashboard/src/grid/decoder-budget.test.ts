import { describe, expect, it } from '@jest/globals';
import { firstBudget, nextBudget } from './decoder-budget.ts';
import type { DecoderBudget, LoadReading } from './decoder-budget.ts';

/** A browser that shows everything up to `capacity` videos and drops frames beyond. */
function run(readings: number, capacity: number, from = firstBudget, requested = 25): DecoderBudget[] {
  const seen: DecoderBudget[] = [];
  let budget = from;
  for (let count = 0; count < readings; count += 1) {
    const playing = Math.min(budget.limit, requested);
    const droppedShare = playing > capacity ? 1 - capacity / playing : 0;
    budget = nextBudget(budget, { playing, requested, droppedShare, busyShare: 0 });
    seen.push(budget);
  }
  return seen;
}

const smooth: LoadReading = { playing: 9, requested: 25, droppedShare: 0, busyShare: 0.05 };
const after = (...readings: Partial<LoadReading>[]) =>
  readings.reduce<DecoderBudget>(
    (budget, reading) => nextBudget(budget, { ...smooth, ...reading }),
    firstBudget,
  );

describe('the budget of decoders', () => {
  it('grows while playback is smooth, up to what is requested', () => {
    const limits = run(60, 100).map(({ limit }) => limit);
    expect(limits.slice(0, 6)).toEqual([9, 11, 11, 11, 11, 13]);
    expect(limits.at(-1)).toBe(25);
  });

  it('does not grow while fewer tiles play than may', () => {
    expect(run(20, 100, firstBudget, 5).at(-1)?.limit).toBe(9);
    expect(after({ playing: 8 }, { playing: 8 }, { playing: 8 }).limit).toBe(9);
  });

  it('falls by a quarter after two bad readings, not after one', () => {
    expect(after({ droppedShare: 0.4 }).limit).toBe(9);
    expect(after({ droppedShare: 0.4 }, {}, { droppedShare: 0.4 }).limit).toBe(9);
    expect(after({ droppedShare: 0.4 }, { droppedShare: 0.2 }).limit).toBe(6);
    expect(after({ busyShare: 0.7 }, { busyShare: 0.6 }).limit).toBe(6);
  });

  it('stays while a reading is neither good nor bad', () => {
    const fair = { droppedShare: 0.06 };
    expect(after({}, fair, {}, fair, {}, fair).limit).toBe(9);
  });

  it('ignores the frames that decoders drop while they start', () => {
    const grown = after({}, {});
    expect(grown.limit).toBe(11);
    const starting = [0.5, 0.5].reduce<DecoderBudget>(
      (budget, droppedShare) => nextBudget(budget, { ...smooth, playing: 11, droppedShare }),
      grown,
    );
    expect(starting).toMatchObject({ limit: 11, bad: 0 });
  });

  it('settles at what the browser sustains, and tries to grow at longer and longer intervals', () => {
    const seen = run(600, 15);
    const late = seen.slice(-200).map(({ limit }) => limit);
    expect(Math.max(...late)).toBeLessThanOrEqual(17);
    const changes = late.filter((limit, index) => index > 0 && limit !== late[index - 1]).length;
    expect(changes).toBeLessThanOrEqual(4);
    expect(late.filter((limit) => limit <= 16).length).toBeGreaterThan(190);
  });

  it('keeps one video even in a browser that is always busy', () => {
    let budget = firstBudget;
    for (let count = 0; count < 100; count += 1) {
      budget = nextBudget(budget, {
        playing: budget.limit,
        requested: 25,
        droppedShare: 0.9,
        busyShare: 0.9,
      });
    }
    expect(budget.limit).toBe(1);
  });

  it('does not change while nothing plays', () => {
    expect(after({ playing: 0, busyShare: 1 }, { playing: 0, busyShare: 1 })).toEqual(firstBudget);
  });
});
