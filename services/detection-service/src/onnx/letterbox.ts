import type { Pixels } from '../detect/detector.ts';
import type { Box } from '../detect/boxes.ts';

type Size = { width: number; height: number };

/** Position of an image in the input of a model: scaled uniformly, centred, padded with grey. */
export type Letterbox = {
  /** Input pixels per image pixel. */
  scale: number;
  left: number;
  top: number;
  /** Size of the image in input pixels. */
  width: number;
  height: number;
};

/** The grey that YOLO models are trained with. */
const padding = 114 / 255;

export function letterboxOf(image: Size, input: Size): Letterbox {
  const scale = Math.min(input.width / image.width, input.height / image.height);
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  return {
    scale,
    left: Math.floor((input.width - width) / 2),
    top: Math.floor((input.height - height) / 2),
    width,
    height,
  };
}

/** A box of the model's answer, in pixels of the image. It may reach beyond it. */
export function boxInImage(box: Box, { scale, left, top }: Letterbox): Box {
  return {
    x: (box.x - left) / scale,
    y: (box.y - top) / scale,
    width: box.width / scale,
    height: box.height / scale,
  };
}

/**
 * Draws an RGB image into the input of a model: the red plane, then green, then blue, each 0–1. Bilinear, like the
 * letterboxing that the models are trained with.
 */
export function drawLetterboxed(image: Pixels, box: Letterbox, input: Size, target: Float32Array): void {
  target.fill(padding);
  const columns = samplesOf(box.width, image.width);
  const rows = samplesOf(box.height, image.height);
  const plane = input.width * input.height;
  const stride = image.width * 3;
  const { data } = image;
  for (let y = 0; y < box.height; y++) {
    const above = (rows.first[y] ?? 0) * stride;
    const below = (rows.second[y] ?? 0) * stride;
    const down = rows.share[y] ?? 0;
    let at = (box.top + y) * input.width + box.left;
    for (let x = 0; x < box.width; x++, at++) {
      const left = (columns.first[x] ?? 0) * 3;
      const right = (columns.second[x] ?? 0) * 3;
      const across = columns.share[x] ?? 0;
      for (let colour = 0; colour < 3; colour++) {
        const upper = mix(data[above + left + colour] ?? 0, data[above + right + colour] ?? 0, across);
        const lower = mix(data[below + left + colour] ?? 0, data[below + right + colour] ?? 0, across);
        target[colour * plane + at] = mix(upper, lower, down) / 255;
      }
    }
  }
}

/** For each pixel of a side: the two source pixels whose centres surround it, and the weight of the second. */
function samplesOf(length: number, sourceLength: number) {
  const first = new Int32Array(length);
  const second = new Int32Array(length);
  const share = new Float32Array(length);
  for (let index = 0; index < length; index++) {
    const position = Math.max(0, ((index + 0.5) * sourceLength) / length - 0.5);
    const before = Math.min(Math.floor(position), sourceLength - 1);
    first[index] = before;
    second[index] = Math.min(before + 1, sourceLength - 1);
    share[index] = position - before;
  }
  return { first, second, share };
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}
