import type { BoundingBox } from '@camplane/contracts/detection';

/** A rectangle, in pixels unless stated otherwise. */
export type Box = { x: number; y: number; width: number; height: number };

export const areaOf = ({ width, height }: Box): number => width * height;

/** Area of the intersection. */
export function sharedArea(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

/** Intersection over union, 0–1. */
export function overlapOf(a: Box, b: Box): number {
  const shared = sharedArea(a, b);
  return shared === 0 ? 0 : shared / (areaOf(a) + areaOf(b) - shared);
}

/** The smallest box that contains both. */
export function unionOf(a: Box, b: Box): Box {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}

/** The part of a box inside the image; possibly empty. */
export function clipTo(box: Box, width: number, height: number): Box {
  const x = clamp(box.x, 0, width);
  const y = clamp(box.y, 0, height);
  return {
    x,
    y,
    width: clamp(box.x + box.width, x, width) - x,
    height: clamp(box.y + box.height, y, height) - y,
  };
}

/** As fractions of the image; clipped to it. */
export function fractionsOf(box: Box, image: { width: number; height: number }): BoundingBox {
  const inside = clipTo(box, image.width, image.height);
  return {
    x: inside.x / image.width,
    y: inside.y / image.height,
    width: inside.width / image.width,
    height: inside.height / image.height,
  };
}

/** Merges boxes that belong together until none do. The result does not depend on their order. */
export function joinBoxes(boxes: readonly Box[], belong: (a: Box, b: Box) => boolean): Box[] {
  const joined = [...boxes];
  for (let index = 0; index < joined.length; index++) {
    for (let other = index + 1; other < joined.length; other++) {
      const [a, b] = [joined[index], joined[other]];
      if (a === undefined || b === undefined || !belong(a, b)) continue;
      joined[index] = unionOf(a, b);
      joined.splice(other, 1);
      // The larger box may belong to boxes that were compared already.
      index = -1;
      break;
    }
  }
  return joined;
}

/** Whether the gap between two boxes is at most `gapX` wide and `gapY` high. Overlapping boxes have no gap. */
export function areNear(a: Box, b: Box, gapX: number, gapY: number): boolean {
  return (
    Math.max(a.x, b.x) - Math.min(a.x + a.width, b.x + b.width) <= gapX &&
    Math.max(a.y, b.y) - Math.min(a.y + a.height, b.y + b.height) <= gapY
  );
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
