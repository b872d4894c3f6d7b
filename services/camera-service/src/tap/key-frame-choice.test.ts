import { describe, expect, it } from '@jest/globals';
import { judgeKeyFrames } from './key-frame-choice.ts';

const every = (intervalMs: number, count: number) =>
  Array.from({ length: count }, (_, index) => index * intervalMs);

describe('the choice between key frames and all frames', () => {
  it('takes its time until it has seen enough', () => {
    expect(judgeKeyFrames(every(1000, 3), 0, 3000, 1)).toBe('undecided');
  });

  it('waits as long as frames that are rarely wanted take to come', () => {
    expect(judgeKeyFrames(every(5000, 2), 0, 9000, 0.2)).toBe('undecided');
    expect(judgeKeyFrames(every(5000, 4), 0, 17_000, 0.2)).toBe('sufficient');
    expect(judgeKeyFrames([], 0, 30_000, 0.2)).toBe('insufficient');
  });

  it('is content with key frames that come as often as wanted', () => {
    expect(judgeKeyFrames(every(1000, 4), 0, 3000, 1)).toBe('sufficient');
    expect(judgeKeyFrames(every(500, 4), 0, 2000, 2)).toBe('sufficient');
  });

  it('wants all frames when key frames are too rare', () => {
    expect(judgeKeyFrames(every(1000, 4), 0, 3000, 2)).toBe('insufficient');
    expect(judgeKeyFrames(every(4000, 2), 0, 8001, 1)).toBe('insufficient');
  });
});
