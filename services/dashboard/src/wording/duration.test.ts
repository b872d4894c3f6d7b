import { describe, expect, it } from '@jest/globals';
import { agoText, durationText, secondsUntil } from './duration.ts';

describe('a duration', () => {
  it.each([
    [0, '0 s'],
    [-5, '0 s'],
    [8.9, '8 s'],
    [60, '1 min'],
    [725, '12 min 5 s'],
    [3600, '1 h'],
    [3605, '1 h'],
    [273_600, '3 d 4 h'],
  ])('formats %d seconds as %s', (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });

  it('formats past and future times', () => {
    expect(agoText(10_000, 10_500)).toBe('just now');
    expect(agoText(10_000, 30_000)).toBe('20 s ago');
    expect(secondsUntil(12_100, 10_000)).toBe(3);
    expect(secondsUntil(9_000, 10_000)).toBe(0);
  });
});
