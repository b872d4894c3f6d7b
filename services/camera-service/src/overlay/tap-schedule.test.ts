import { describe, expect, it } from '@jest/globals';
import { TapSchedule } from './tap-schedule.ts';

function taken(fps: number, sourceFps: number, seconds: number): number {
  const schedule = new TapSchedule(fps);
  let count = 0;
  for (let frame = 0; frame < sourceFps * seconds; frame += 1) {
    const jitterMs = ((frame * 7919) % 11) - 5;
    if (schedule.isDue((frame * 1000) / sourceFps + jitterMs)) count += 1;
  }
  return count;
}

describe('tap schedule', () => {
  it.each([
    [2, 15, 20],
    [10, 15, 100],
    [15, 15, 150],
    [0.5, 25, 5],
  ])('takes %d a second of %d', (fps, sourceFps, expected) => {
    expect(Math.abs(taken(fps, sourceFps, 10) - expected)).toBeLessThanOrEqual(2);
  });

  it('takes every frame where more are wanted than there are', () => {
    expect(taken(30, 10, 10)).toBe(100);
  });

  it('does not make up a gap by a burst', () => {
    const schedule = new TapSchedule(1);
    schedule.isDue(0);
    expect(schedule.isDue(60_000)).toBe(true);
    expect(schedule.isDue(60_100)).toBe(false);
  });
});
