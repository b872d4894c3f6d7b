import { areaOf, overlapOf } from '../detect/boxes.ts';
import type { Box } from '../detect/boxes.ts';

/** Maximum distance of the centre from its expected position in box widths, and its growth per second. */
const reachWidths = 0.6;
const reachWidthsPerSecond = 1.6;
const reachWidthsMax = 2.5;
/** Typical width of a person as a fraction of the height; of crouching or split boxes the larger measure counts. */
const widthOfHeight = 0.4;
/** Boxes with a larger ratio of areas are different objects, unless they overlap well. */
const areaRatioMax = 3;
const goodOverlap = 0.3;

/**
 * How well a box matches an expected one: above 0 if it may be the same object. Overlap counts most; the distance of the
 * centres decides when frames are so far apart that nothing overlaps.
 *
 * @param elapsedSeconds since the object was last seen
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
