import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Pixels } from '../detect/detector.ts';
import { boxInImage, drawLetterboxed, letterboxOf } from './letterbox.ts';

/** One colour, except a block. */
function image(
  width: number,
  height: number,
  colour: number[],
  block?: { x: number; y: number; side: number; colour: number[] },
): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const inBlock =
      block && x >= block.x && x < block.x + block.side && y >= block.y && y < block.y + block.side;
    data.set(inBlock ? block.colour : colour, pixel * 3);
  }
  return { data, width, height };
}

function draw(pixels: Pixels, input: { width: number; height: number }) {
  const target = new Float32Array(3 * input.width * input.height).fill(9);
  drawLetterboxed(pixels, letterboxOf(pixels, input), input, target);
  return (colour: number, x: number, y: number) =>
    target[(colour * input.height + y) * input.width + x] ?? NaN;
}

describe('letterbox', () => {
  it.each([
    ['a wide image', { width: 640, height: 360 }, { scale: 1, left: 0, top: 140, width: 640, height: 360 }],
    ['a tall image', { width: 360, height: 640 }, { scale: 1, left: 140, top: 0, width: 360, height: 640 }],
    [
      'a large image',
      { width: 1920, height: 1080 },
      { scale: 1 / 3, left: 0, top: 140, width: 640, height: 360 },
    ],
    ['a small image', { width: 32, height: 32 }, { scale: 20, left: 0, top: 0, width: 640, height: 640 }],
    [
      'a line',
      { width: 16_384, height: 1 },
      { scale: 640 / 16_384, left: 0, top: 319, width: 640, height: 1 },
    ],
  ])('holds %s whole, in the middle', (_, size, box) => {
    expect(letterboxOf(size, { width: 640, height: 640 })).toEqual(box);
  });

  it('pads with grey and stores colours in planes from 0 to 1', () => {
    const at = draw(image(8, 4, [255, 51, 0]), { width: 16, height: 16 });
    expect([at(0, 0, 0), at(1, 15, 3), at(2, 0, 12)]).toEqual(Array(3).fill(Math.fround(114 / 255)));
    expect([at(0, 0, 4), at(1, 15, 11), at(2, 8, 8)]).toEqual([1, Math.fround(0.2), 0]);
  });

  it('keeps every pixel at scale 1', () => {
    const pixels = image(20, 20, [0, 0, 0]);
    pixels.data.forEach((_, index) => (pixels.data[index] = (index * 7) % 256));
    const at = draw(pixels, { width: 20, height: 20 });
    for (let index = 0; index < 1200; index++) {
      const [pixel, colour] = [Math.floor(index / 3), index % 3];
      expect(at(colour, pixel % 20, Math.floor(pixel / 20))).toBeCloseTo((pixels.data[index] ?? 0) / 255, 6);
    }
  });

  it('draws a block at its scaled position', () => {
    const block = { x: 40, y: 20, side: 20, colour: [255, 255, 255] };
    const at = draw(image(200, 100, [0, 0, 0], block), { width: 100, height: 100 });
    // Half the size, 25 pixels of grey above: the block spans 20–30 and 35–45.
    expect([at(0, 20, 35), at(0, 29, 44), at(0, 25, 40)]).toEqual([1, 1, 1]);
    expect([at(0, 19, 40), at(0, 30, 40), at(0, 25, 34), at(0, 25, 45)]).toEqual([0, 0, 0, 0]);
  });

  it('interpolates when it enlarges', () => {
    const at = draw(
      { data: Uint8Array.of(0, 0, 0, 255, 255, 255), width: 2, height: 1 },
      { width: 4, height: 2 },
    );
    expect([0, 1, 2, 3].map((x) => at(0, x, 0))).toEqual([0, 0.25, 0.75, 1]);
  });

  it('maps boxes back to the image', () => {
    const size = fc.integer({ min: 1, max: 4000 });
    fc.assert(
      fc.property(size, size, size, size, (width, height, inputWidth, inputHeight) => {
        const letterbox = letterboxOf({ width, height }, { width: inputWidth, height: inputHeight });
        expect(letterbox.left).toBeGreaterThanOrEqual(0);
        expect(letterbox.left + letterbox.width).toBeLessThanOrEqual(inputWidth);
        expect(letterbox.top + letterbox.height).toBeLessThanOrEqual(inputHeight);
        const { left: x, top: y } = letterbox;
        const whole = boxInImage(
          { x, y, width: width * letterbox.scale, height: height * letterbox.scale },
          letterbox,
        );
        expect(whole.x).toBeCloseTo(0);
        expect(whole.y).toBeCloseTo(0);
        expect(whole.width).toBeCloseTo(width);
        expect(whole.height).toBeCloseTo(height);
      }),
    );
  });
});
