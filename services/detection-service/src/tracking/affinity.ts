import { areaOf, overlapOf } from '../detect/boxes.ts';
import type { Box } from '../detect/boxes.ts';

/** How far the middle of a box may be from where it was expected, in its own widths: at once, and after a second more. */
const reachWidths = 0.6;
const reachWidthsPerSecond = 1.6;
const reachWidthsMax = 2.5;
/** A person is about this part of its height wide; crouching or split boxes are judged by the larger measure. */
const widthOfHeight = 0.4;
/** Boxes whose areas differ more are not the same thing, unless they overlap well. */
const areaRatioMax = 3;
const goodOverlap = 0.3;

/**
 * How well a box fits one that was expected: above 0 where it may be the same thing. Overlap counts most; the
 * distance of the middles decides where pictures are so far apart in time that nothing overlaps.
 *
 * @param elapsedSeconds since the thing was last seen
 */
export function affinityOf(expected: Box, seen: Box, elapsedSeconds: number): number {
  const overlap = overlapOf(expected, seen);
  const areas = (areaOf(expected) + 1e-9) / (areaOf(seen) + 1e-9);
  if (overlap < goodOverlap && Math.max(areas, 1 / areas) > areaRatioMax) return 0;
  const reach =
    Math.max(measureOf(expected), measureOf(seen)) *
    Math.min(reachWidthsMax, reachWidths + reachWidthsPerSecond * elapsedSeconds);
  const closeness = Math.max(0, 1 - distanceOf(expected, seen) / reach);
  if (closeness === 0 && overlap < goodOverlap) return 0;
  return overlap + closeness / 2;
}

function measureOf({ width, height }: Box): number {
  return Math.max(width, widthOfHeight * height);
}

function distanceOf(a: Box, b: Box): number {
  return Math.hypot(a.x + a.width / 2 - b.x - b.width / 2, a.y + a.height / 2 - b.y - b.height / 2);
}
