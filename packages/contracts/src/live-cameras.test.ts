import { describe, expect, it } from '@jest/globals';
import { livePictureHead, parseLivePicture } from './live-cameras.ts';

const message = (...parts: (Uint8Array | number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));
const jpeg = [0xff, 0xd8, 0xff, 0xd9];

describe('a picture of one of many cameras', () => {
  it.each(['a', 'front-door', 'x'.repeat(63)])('names its camera: %s', (cameraId) => {
    const parsed = parseLivePicture(message(livePictureHead(cameraId), jpeg));
    expect(parsed).toEqual({ cameraId, jpeg: Uint8Array.from(jpeg) });
  });

  it.each([
    ['nothing', []],
    ['no id', [0, ...jpeg]],
    ['no picture', [...livePictureHead('a')]],
    ['a length beyond the message', [9, 0x61, ...jpeg]],
    ['an invalid id', [1, 0x2f, ...jpeg]],
  ])('is not one with %s', (_what, bytes) => {
    expect(parseLivePicture(message(bytes))).toBeUndefined();
  });
});
