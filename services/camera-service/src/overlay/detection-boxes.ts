import { boxMaxAgeMs } from '@camplane/contracts/shown-boxes';
import type { FrameSize } from './frame-layout.ts';

/** A detection to draw: position and size as fractions of the frame, from the top left. */
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

/** The latest boxes, until they expire. */
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

/** The pixels of a box, clipped to the frame; `null` if it is outside, empty or not numeric. */
export function boxPixels(box: DetectionBox, size: FrameSize): PixelRectangle | null {
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

/** Position of a caption: above the box, or inside it at the top of the frame; always on even pixels and inside the frame. */
export function captionPlace(
  box: PixelRectangle,
  caption: FrameSize,
  frame: FrameSize,
): { x: number; y: number } | null {
  if (caption.width > frame.width || caption.height > frame.height) return null;
  const above = box.top - caption.height;
  const y = above >= 0 ? above : Math.min(box.top, frame.height - caption.height);
  const x = Math.min(box.left, frame.width - caption.width);
  return { x: 2 * Math.floor(x / 2), y: 2 * Math.floor(y / 2) };
}
