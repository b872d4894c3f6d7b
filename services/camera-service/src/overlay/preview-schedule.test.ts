import { describe, expect, it } from '@jest/globals';
import { PreviewSchedule } from './preview-schedule.ts';

function taken(fps: number, sourceFps: number, seconds: number): number {
  const schedule = new PreviewSchedule(fps);
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
  ])('takes %d per second of %d', (fps, sourceFps, expected) => {
    expect(Math.abs(taken(fps, sourceFps, 10) - expected)).toBeLessThanOrEqual(2);
  });

  it('takes every frame if more are requested than available', () => {
    expect(taken(30, 10, 10)).toBe(100);
  });

  it('does not follow a gap with a burst', () => {
    const schedule = new PreviewSchedule(1);
    schedule.isDue(0);
    expect(schedule.isDue(60_000)).toBe(true);
    expect(schedule.isDue(60_100)).toBe(false);
  });
});
