import { boxMaxAgeMs } from '@camplane/contracts/shown-boxes';
import type { PictureSize } from './frame-layout.ts';

/** A detection to draw: position and size as fractions of the picture, from the top left. */
export type DetectionBox = {
  x: number;
  y: number;
  width: number;
  height: number;
  label: string;
  /** 0–1. */
  confidence: number;
};

export const boxesMax = 64;

/** The latest boxes, until they are too old to be true. */
export class RecentBoxes {
  #boxes: readonly DetectionBox[] = [];
  #atMs = 0;

  set(boxes: readonly DetectionBox[], nowMs: number): void {
    this.#boxes = boxes.slice(0, boxesMax);
    this.#atMs = nowMs;
  }

  at(nowMs: number): readonly DetectionBox[] {
    return nowMs - this.#atMs < boxMaxAgeMs ? this.#boxes : [];
  }
}

export type PixelRectangle = { left: number; top: number; right: number; bottom: number };

/** The pixels of a box, cut to the picture; `null` for one that is outside, empty or not made of numbers. */
export function boxPixels(box: DetectionBox, size: PictureSize): PixelRectangle | null {
  const at = (fraction: number, pixels: number) =>
    Math.min(pixels - 1, Math.max(0, Math.round(fraction * pixels)));
  const rectangle = {
    left: at(box.x, size.width),
    top: at(box.y, size.height),
    right: at(box.x + box.width, size.width),
    bottom: at(box.y + box.height, size.height),
  };
  return rectangle.right > rectangle.left && rectangle.bottom > rectangle.top ? rectangle : null;
}

/** `person 87%`. */
export function boxCaption(box: DetectionBox): string {
  return `${box.label.slice(0, 32)} ${Math.round(Math.min(1, Math.max(0, box.confidence)) * 100)}%`;
}

/** Where a caption stands: on the box, inside it where the picture ends; always on even pixels, inside the picture. */
export function captionPlace(
  box: PixelRectangle,
  caption: PictureSize,
  picture: PictureSize,
): { x: number; y: number } | null {
  if (caption.width > picture.width || caption.height > picture.height) return null;
  const above = box.top - caption.height;
  const y = above >= 0 ? above : Math.min(box.top, picture.height - caption.height);
  const x = Math.min(box.left, picture.width - caption.width);
  return { x: 2 * Math.floor(x / 2), y: 2 * Math.floor(y / 2) };
}
