import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { h265StreamFacts } from './h265-sps.ts';

describe('h265StreamFacts', () => {
  // Encoded with x265.
  it.each([
    ['without B-frames', 'QgEBAWAAAAMAkAAAAwAAAwB4oAPAgBDllkqSTK8BaAgAAAMACAAAAwBQQA==', 1920, 1080, false],
    ['with B-frames', 'QgEBAWAAAAMAkAAAAwAAAwB4oAPAgBDlllZZJMrwFoCAAAADAIAAAAUE', 1920, 1080, true],
    ['of 720 lines', 'QgEBAWAAAAMAkAAAAwAAAwBdoAKAgC0WWSpJMrwFoCAAAAMAIAAAAwFB', 1280, 720, false],
    ['of an odd size', 'QgEBAWAAAAMAkAAAAwAAAwB4oAKsgDAdeWVlkkyvAWgIAAADAAgAAAMAUEA=', 1366, 768, true],
    ['of a small size', 'QgEBAWAAAAMAkAAAAwAAAwA8oAoIC595ZKkkyvAWgIAAAAMAgAAABQQ=', 320, 180, false],
  ])('reads a stream %s', (_name, base64, width, height, hasBFrames) => {
    expect(h265StreamFacts(Buffer.from(base64, 'base64'))).toEqual({ width, height, hasBFrames });
  });

  it('returns undefined for a truncated parameter set and never throws', () => {
    const whole = Buffer.from('QgEBAWAAAAMAkAAAAwAAAwB4oAPAgBDllkqSTK8BaAgAAAMACAAAAwBQQA==', 'base64');
    for (let length = 0; length < 24; length += 1) {
      expect(h265StreamFacts(whole.subarray(0, length))).toBeUndefined();
    }
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        (bytes) => void h265StreamFacts(Uint8Array.from([0x42, 1, ...bytes])),
      ),
    );
  });

  it('returns undefined for another NAL unit', () => {
    expect(h265StreamFacts(Buffer.from('RAHAcrAiQA==', 'base64'))).toBeUndefined();
  });
});
