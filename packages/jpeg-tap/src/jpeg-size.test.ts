import { describe, expect, it } from '@jest/globals';
import { jpegSize } from './jpeg-size.ts';
import { testJpeg } from './testing/test-jpeg.ts';

describe('jpegSize', () => {
  it('reads the size from the frame header, behind other segments', () => {
    expect(jpegSize(testJpeg({ width: 640, height: 360 }))).toEqual({ width: 640, height: 360 });
  });

  it.each<[what: string, bytes: Buffer]>([
    ['no frame header', Buffer.of(0xff, 0xd8, 0xff, 0xd9)],
    ['a cut-off header', testJpeg({ width: 640, height: 360 }).subarray(0, 18)],
    ['a segment of impossible length', Buffer.of(0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0, 0)],
    ['other bytes', Buffer.alloc(64, 0x41)],
    ['nothing', Buffer.alloc(0)],
  ])('returns null for %s', (_what, bytes) => {
    expect(jpegSize(bytes)).toBeNull();
  });
});
