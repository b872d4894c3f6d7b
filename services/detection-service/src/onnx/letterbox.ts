import type { Pixels } from '../detect/detector.ts';
import type { Box } from '../detect/boxes.ts';

type Size = { width: number; height: number };

/** Where a picture lies in the input of a model: scaled as a whole, in the middle, the rest grey. */
export type Letterbox = {
  /** Pixels of the input for one of the picture. */
  scale: number;
  left: number;
  top: number;
  /** Of the picture, in pixels of the input. */
  width: number;
  height: number;
};

/** The grey that YOLO models are trained with. */
const padding = 114 / 255;

export function letterboxOf(picture: Size, input: Size): Letterbox {
  const scale = Math.min(input.width / picture.width, input.height / picture.height);
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  return {
    scale,
    left: Math.floor((input.width - width) / 2),
    top: Math.floor((input.height - height) / 2),
    width,
    height,
  };
}

/** A box of the model's answer, in pixels of the picture. It may reach beyond it. */
export function boxInPicture(box: Box, { scale, left, top }: Letterbox): Box {
  return {
    x: (box.x - left) / scale,
    y: (box.y - top) / scale,
    width: box.width / scale,
    height: box.height / scale,
  };
}

/**
 * Draws an RGB picture into the input of a model: all of its red from 0 to 1, then green, then blue. Scaled
 * bilinearly, as the models' own letterboxing does.
 */
export function drawLetterboxed(picture: Pixels, box: Letterbox, input: Size, target: Float32Array): void {
  target.fill(padding);
  const columns = samplesOf(box.width, picture.width);
  const rows = samplesOf(box.height, picture.height);
  const plane = input.width * input.height;
  const stride = picture.width * 3;
  const { data } = picture;
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

/** For each pixel of a side, the two of the source that it lies between, by their middles, and how far. */
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
