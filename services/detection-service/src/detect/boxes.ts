import type { BoundingBox } from '@camplane/contracts/detection';

/** A rectangle in pixels, or in any unit that both sides agree on. */
export type Box = { x: number; y: number; width: number; height: number };

export const areaOf = ({ width, height }: Box): number => width * height;

/** Area that two boxes share. */
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

/** The smallest box that holds both. */
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

/** The part of a box that lies inside a picture; it may be empty. */
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

/** As fractions of a picture; the part outside is cut off. */
export function fractionsOf(box: Box, picture: { width: number; height: number }): BoundingBox {
  const inside = clipTo(box, picture.width, picture.height);
  return {
    x: inside.x / picture.width,
    y: inside.y / picture.height,
    width: inside.width / picture.width,
    height: inside.height / picture.height,
  };
}

/** Joins what belongs together until nothing more does. The order of the boxes does not matter to the result. */
export function joinBoxes(boxes: readonly Box[], belong: (a: Box, b: Box) => boolean): Box[] {
  const joined = [...boxes];
  for (let index = 0; index < joined.length; index++) {
    for (let other = index + 1; other < joined.length; other++) {
      const [a, b] = [joined[index], joined[other]];
      if (a === undefined || b === undefined || !belong(a, b)) continue;
      joined[index] = unionOf(a, b);
      joined.splice(other, 1);
      // Grown, it may reach what it did not reach before, also those already passed.
      index = -1;
      break;
    }
  }
  return joined;
}

/** Whether the gap between two boxes is at most so wide and so high; boxes that overlap have none. */
export function areNear(a: Box, b: Box, gapX: number, gapY: number): boolean {
  return (
    Math.max(a.x, b.x) - Math.min(a.x + a.width, b.x + b.width) <= gapX &&
    Math.max(a.y, b.y) - Math.min(a.y + a.height, b.y + b.height) <= gapY
  );
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
