import { describe, expect, it } from '@jest/globals';
import { hlsFrameTimeMs } from './frame-time.ts';

describe('the time of the frame that HLS shows', () => {
  it('is the date in the playlist', () => {
    expect(hlsFrameTimeMs(100_000, 97_500, 1_000)).toBe(97_500);
  });

  it('is never after now', () => {
    expect(hlsFrameTimeMs(100_000, 100_200, 1_000)).toBe(100_000);
  });

  it('is derived from the latency if the playlist has no date, or one from another clock', () => {
    expect(hlsFrameTimeMs(100_000, null, 1_200)).toBe(98_800);
    expect(hlsFrameTimeMs(100_000, 4_000_000, 1_200)).toBe(98_800);
  });

  it('is assumed if the latency is unknown', () => {
    expect(hlsFrameTimeMs(100_000, null, 0)).toBe(98_000);
    expect(hlsFrameTimeMs(100_000, null, Number.NaN)).toBe(98_000);
  });
});
