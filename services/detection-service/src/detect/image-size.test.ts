import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import sharp from 'sharp';
import { imageSizeOf } from './image-size.ts';

const drawn = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#777' } });

describe('imageSizeOf', () => {
  it.each([
    ['JPEG', drawn(321, 123).jpeg()],
    ['progressive JPEG', drawn(321, 123).jpeg({ progressive: true })],
    ['JPEG with EXIF and a colour profile', drawn(321, 123).withMetadata({ density: 300 }).jpeg()],
    ['PNG', drawn(321, 123).png()],
  ])('is in the head of a %s', async (_, image) => {
    expect(imageSizeOf(await image.toBuffer())).toEqual({ width: 321, height: 123 });
  });

  it('returns null for other data', async () => {
    expect(imageSizeOf(await drawn(9, 9).webp().toBuffer())).toBeNull();
    expect(imageSizeOf(Buffer.from('<svg width="9" height="9"/>'))).toBeNull();
    expect(imageSizeOf(new Uint8Array())).toBeNull();
  });

  it('accepts arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        imageSizeOf(bytes);
        imageSizeOf(Uint8Array.from([0xff, 0xd8, ...bytes]));
      }),
    );
  });
});
