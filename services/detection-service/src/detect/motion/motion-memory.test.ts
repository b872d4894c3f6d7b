import { describe, expect, it } from '@jest/globals';
import { motionConfidence } from './motion-detector.ts';
import { createMotionMemory } from './motion-memory.ts';

/** Shows pictures at a rate and gives what was judged of each. */
function judge(foregrounds: readonly number[], intervalMs: number) {
  const memory = createMotionMemory();
  return foregrounds.map((foreground, index) => {
    const at = 1_000_000 + index * intervalMs;
    memory.learningRate(at);
    return memory.judge(foreground, at);
  });
}

describe('the memory of motion', () => {
  it.each([
    [100, 16],
    [500, 6],
    [33, 47],
  ])('says nothing until it has settled, at a picture every %d ms', (intervalMs, pictures) => {
    const judged = judge(Array<number>(60).fill(0.01), intervalMs);
    expect(judged.indexOf('watching')).toBeLessThanOrEqual(pictures);
    expect(judged.indexOf('watching')).toBeGreaterThanOrEqual(5);
    expect(judged.slice(judged.indexOf('watching'))).not.toContain('settling');
  });

  it('takes a picture that is new nearly everywhere for another light, and settles again', () => {
    const judged = judge([...Array<number>(20).fill(0.01), 0.9, ...Array<number>(20).fill(0.01)], 200);
    expect(judged[19]).toBe('watching');
    expect(judged[20]).toBe('light-changed');
    expect(judged.slice(21, 25)).toEqual(Array(4).fill('settling'));
    expect(judged.at(-1)).toBe('watching');
  });

  it('learns by time, not by pictures', () => {
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

  it('begins anew after a long silence', () => {
    const memory = createMotionMemory();
    for (let index = 0; index < 30; index++) memory.learningRate(index * 100);
    expect(memory.learningRate(2_900 + 61_000)).toBe(1);
    expect(memory.judge(1, 2_900 + 61_000)).toBe('settling');
  });
});

describe('the confidence of motion', () => {
  it('rises from 0 to 1 with the part of the box that moves, and passes a half at 0.29', () => {
    expect([0, 0.28, 0.3, 1].map(motionConfidence)).toEqual([
      0,
      expect.closeTo(0.4816),
      expect.closeTo(0.51),
      1,
    ]);
  });
});
