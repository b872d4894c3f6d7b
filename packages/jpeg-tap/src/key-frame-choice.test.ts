import { describe, expect, it } from '@jest/globals';
import { evaluateKeyFrames, keyFrameObservationMs } from './key-frame-choice.ts';

const every = (intervalMs: number, count: number) =>
  Array.from({ length: count }, (_, index) => index * intervalMs);

describe('evaluateKeyFrames', () => {
  it('is undecided after few frames', () => {
    expect(evaluateKeyFrames(every(1000, 3), 0, 3000, 1)).toBe('undecided');
  });

  it('waits longer where a low rate is requested', () => {
    expect(evaluateKeyFrames(every(5000, 2), 0, 9000, 0.2)).toBe('undecided');
    expect(evaluateKeyFrames(every(5000, 4), 0, 17_000, 0.2)).toBe('sufficient');
    expect(evaluateKeyFrames([], 0, 30_000, 0.2)).toBe('too-rare');
  });

  it('accepts key frames at the requested rate', () => {
    expect(evaluateKeyFrames(every(1000, 4), 0, 3000, 1)).toBe('sufficient');
    expect(evaluateKeyFrames(every(500, 4), 0, 2000, 2)).toBe('sufficient');
  });

  it('rejects key frames below the requested rate', () => {
    expect(evaluateKeyFrames(every(1000, 4), 0, 3000, 2)).toBe('too-rare');
    expect(evaluateKeyFrames(every(4000, 2), 0, 8001, 1)).toBe('too-rare');
  });

  it('rejects a stream without key frames after the observation', () => {
    for (const fps of [0.1, 1, 5]) {
      const endMs = keyFrameObservationMs(fps);
      expect(evaluateKeyFrames([], 0, endMs, fps)).toBe('undecided');
      expect(evaluateKeyFrames([], 0, endMs + 1, fps)).toBe('too-rare');
    }
  });
});
