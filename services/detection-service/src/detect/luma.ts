import type { Pixels } from './detector.ts';

/** Channels: 1 (grey) or 3 (RGB) bytes per pixel. */
export type ColourPixels = Pixels & { channels: number };

/** Luma weights of red, green and blue, out of 256 (ITU-R BT.601). */
const red = 77;
const green = 150;
const blue = 29;

/**
 * The luma of an image, scaled down: each pixel is the mean of a square of `factor` × `factor`. A remainder at the right
 * and bottom edges is cut off. The decoder would take twice as long.
 */
export function shrunkLuma(image: ColourPixels, factor: number): Pixels {
  const width = Math.floor(image.width / factor);
  const height = Math.floor(image.height / factor);
  const out = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = out.subarray(y * width, (y + 1) * width);
    if (image.channels === 1) shrinkGreyRow(image, y * factor, factor, row);
    else shrinkColourRow(image, y * factor, factor, row);
  }
  return { data: out, width, height };
}

/** Hot loops, run for every pixel: plain sums, without bounds checks. */
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
