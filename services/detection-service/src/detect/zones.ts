import type { Point, Polygon } from '@camplane/contracts/camera';
import type { BoundingBox } from '@camplane/contracts/detection';

/** Whether the centre of the lower edge of a box, where feet and wheels are, is in a zone. True without zones. */
export function countsInZones(box: BoundingBox, zones: readonly Polygon[]): boolean {
  const foot = { x: box.x + box.width / 2, y: box.y + box.height };
  return zones.length === 0 || zones.some(({ points }) => isInside(foot, points));
}

/**
 * Even-odd rule: a ray from an inside point crosses the edges of the polygon an odd number of times. The lower edge of
 * the image is inside a zone that reaches it.
 */
export function isInside({ x, y: rawY }: Point, polygon: readonly Point[]): boolean {
  const y = Math.min(rawY, 1 - 1e-9);
  let inside = false;
  for (const [index, a] of polygon.entries()) {
    const b = polygon[(index + 1) % polygon.length];
    if (b === undefined || a.y > y === b.y > y) continue;
    const crossingX = a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x);
    if (x < crossingX) inside = !inside;
  }
  return inside;
}
