import { describe, expect, it } from '@jest/globals';
import { medianOf, withNoise } from './footage-frames.ts';

describe('derived frames', () => {
  it('are the median of each pixel', () => {
    const frames = [
      [10, 0],
      [12, 200],
      [11, 200],
    ].map((values) => Buffer.from(values));
    expect([...medianOf(frames)]).toEqual([11, 200]);
  });

  it('have noise of a few levels, deterministic for a seed', () => {
    const grey = Buffer.alloc(20_000, 128);
    const noisy = [...withNoise(grey, 1)];
    const mean = noisy.reduce((sum, value) => sum + value, 0) / noisy.length;
    const variance = noisy.reduce((sum, value) => sum + (value - mean) ** 2, 0) / noisy.length;
    expect(Math.abs(mean - 128)).toBeLessThan(0.2);
    expect(Math.sqrt(variance)).toBeGreaterThan(2.5);
    expect(Math.sqrt(variance)).toBeLessThan(3.5);
    expect(withNoise(grey, 1).equals(Buffer.from(noisy))).toBe(true);
    expect(withNoise(grey, 2).equals(Buffer.from(noisy))).toBe(false);
  });
});
