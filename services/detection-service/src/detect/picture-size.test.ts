import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import sharp from 'sharp';
import { pictureSizeOf } from './picture-size.ts';

const drawn = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#777' } });

describe('the size of a picture', () => {
  it.each([
    ['JPEG', drawn(321, 123).jpeg()],
    ['progressive JPEG', drawn(321, 123).jpeg({ progressive: true })],
    ['JPEG with EXIF and a colour profile', drawn(321, 123).withMetadata({ density: 300 }).jpeg()],
    ['PNG', drawn(321, 123).png()],
  ])('is in the head of a %s', async (_, picture) => {
    expect(pictureSizeOf(await picture.toBuffer())).toEqual({ width: 321, height: 123 });
  });

  it('is not in anything else', async () => {
    expect(pictureSizeOf(await drawn(9, 9).webp().toBuffer())).toBeNull();
    expect(pictureSizeOf(Buffer.from('<svg width="9" height="9"/>'))).toBeNull();
    expect(pictureSizeOf(new Uint8Array())).toBeNull();
  });

  it('is looked for in any bytes without harm', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        pictureSizeOf(bytes);
        pictureSizeOf(Uint8Array.from([0xff, 0xd8, ...bytes]));
      }),
    );
  });
});
