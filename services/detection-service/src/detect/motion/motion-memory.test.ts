import { describe, expect, it } from '@jest/globals';
import { motionConfidence } from './motion-detector.ts';
import { createMotionMemory } from './motion-memory.ts';

/** Processes frames at a rate and returns the phase of each. */
function classify(foregrounds: readonly number[], intervalMs: number) {
  const memory = createMotionMemory();
  return foregrounds.map((foreground, index) => {
    const at = 1_000_000 + index * intervalMs;
    memory.learningRate(at);
    return memory.classify(foreground, at);
  });
}

describe('createMotionMemory', () => {
  it.each([
    [100, 16],
    [500, 6],
    [33, 47],
  ])('says nothing until it has settled, at an image every %d ms', (intervalMs, frames) => {
    const phases = classify(Array<number>(60).fill(0.01), intervalMs);
    expect(phases.indexOf('watching')).toBeLessThanOrEqual(frames);
    expect(phases.indexOf('watching')).toBeGreaterThanOrEqual(5);
    expect(phases.slice(phases.indexOf('watching'))).not.toContain('settling');
  });

  it('detects a change of light and settles again', () => {
    const phases = classify([...Array<number>(20).fill(0.01), 0.9, ...Array<number>(20).fill(0.01)], 200);
    expect(phases[19]).toBe('watching');
    expect(phases[20]).toBe('light-changed');
    expect(phases.slice(21, 25)).toEqual(Array(4).fill('settling'));
    expect(phases.at(-1)).toBe('watching');
  });

  it('learns by time, not by frames', () => {
    const learntIn = (intervalMs: number) => {
      const memory = createMotionMemory();
      for (let index = 0; index < 100; index++) memory.learningRate(index * intervalMs);
      let kept = 1;
      for (let at = 0; at < 10_000; at += intervalMs) {
        kept *= 1 - memory.learningRate(100 * intervalMs + at);
      }
      return 1 - kept;
    };
    expect(learntIn(100)).toBeCloseTo(learntIn(500), 2);
  });

  it('restarts after a long gap', () => {
    const memory = createMotionMemory();
    for (let index = 0; index < 30; index++) memory.learningRate(index * 100);
    expect(memory.learningRate(2_900 + 61_000)).toBe(1);
    expect(memory.classify(1, 2_900 + 61_000)).toBe('settling');
  });
});

describe('motionConfidence', () => {
  it('rises from 0 to 1 with the moving fraction of the box, and is 0.5 at 0.29', () => {
    expect([0, 0.28, 0.3, 1].map(motionConfidence)).toEqual([
      0,
      expect.closeTo(0.4816),
      expect.closeTo(0.51),
      1,
    ]);
  });
});
