import { describe, expect, it } from '@jest/globals';
import { createFrameLimiter } from './frame-limiter.ts';

function taken(fps: number, sourceFps: number, seconds: number): number {
  const limiter = createFrameLimiter(fps);
  let count = 0;
  for (let frame = 0; frame < sourceFps * seconds; frame += 1) {
    const jitterMs = ((frame * 7919) % 11) - 5;
    if (limiter.isDue((frame * 1000) / sourceFps + jitterMs)) count += 1;
  }
  return count;
}

describe('the frame limiter', () => {
  it.each([
    [2, 15, 20],
    [10, 15, 100],
    [15, 15, 150],
    [0.5, 25, 5],
  ])('selects %d per second of %d', (fps, sourceFps, expected) => {
    expect(Math.abs(taken(fps, sourceFps, 10) - expected)).toBeLessThanOrEqual(2);
  });

  it('selects every frame if more are requested than available', () => {
    expect(taken(30, 10, 10)).toBe(100);
  });

  it('does not follow a gap with a burst', () => {
    const limiter = createFrameLimiter(1);
    limiter.isDue(0);
    expect(limiter.isDue(60_000)).toBe(true);
    expect(limiter.isDue(60_100)).toBe(false);
  });
});
