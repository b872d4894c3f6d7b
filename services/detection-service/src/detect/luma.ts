import type { Pixels } from './detector.ts';

/** Pixels with the number of bytes that each has: 1 (grey) or 3 (RGB). */
export type ColourPixels = Pixels & { channels: number };

/** Weights of red, green and blue in brightness, of 256 (ITU-R BT.601). */
const red = 77;
const green = 150;
const blue = 29;

/**
 * The brightness of a picture, each of whose pixels is the mean of a square of so many of the given one; a rest at the
 * right and the lower edge is left out. Here rather than in the decoder, which takes twice as long for it.
 */
export function shrunkLuma(picture: ColourPixels, factor: number): Pixels {
  const width = Math.floor(picture.width / factor);
  const height = Math.floor(picture.height / factor);
  const out = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = out.subarray(y * width, (y + 1) * width);
    if (picture.channels === 1) shrinkGreyRow(picture, y * factor, factor, row);
    else shrinkColourRow(picture, y * factor, factor, row);
  }
  return { data: out, width, height };
}

/** The loops below run for every pixel: plain sums, and no test for an index that cannot be out of bounds. */
function shrinkColourRow({ data, width }: ColourPixels, top: number, factor: number, out: Uint8Array): void {
  const stride = width * 3;
  const weight = 256 * factor * factor;
  for (let x = 0, left = top * stride; x < out.length; x++, left += factor * 3) {
    let r = 0;
    let g = 0;
    let b = 0;
    for (let row = 0, from = left; row < factor; row++, from += stride) {
      for (let at = from, end = from + factor * 3; at < end; at += 3) {
        r += data[at] as number;
        g += data[at + 1] as number;
        b += data[at + 2] as number;
      }
    }
    out[x] = (red * r + green * g + blue * b) / weight;
  }
}

function shrinkGreyRow({ data, width }: ColourPixels, top: number, factor: number, out: Uint8Array): void {
  for (let x = 0, left = top * width; x < out.length; x++, left += factor) {
    let sum = 0;
    for (let row = 0, from = left; row < factor; row++, from += width) {
      for (let at = from; at < from + factor; at++) sum += data[at] as number;
    }
    out[x] = sum / (factor * factor);
  }
}
