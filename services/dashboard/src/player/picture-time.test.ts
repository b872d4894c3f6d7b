import { describe, expect, it } from '@jest/globals';
import { pictureTime } from './picture-time.ts';

describe('the time of the picture that HLS shows', () => {
  it('is what the playlist says', () => {
    expect(pictureTime(100_000, 97_500, 1_000)).toBe(97_500);
  });

  it('is never after now', () => {
    expect(pictureTime(100_000, 100_200, 1_000)).toBe(100_000);
  });

  it('is reckoned from the delay where the playlist has no date, or one of another clock', () => {
    expect(pictureTime(100_000, null, 1_200)).toBe(98_800);
    expect(pictureTime(100_000, 4_000_000, 1_200)).toBe(98_800);
  });

  it('is assumed where nothing is known', () => {
    expect(pictureTime(100_000, null, 0)).toBe(98_000);
    expect(pictureTime(100_000, null, Number.NaN)).toBe(98_000);
  });
});
