import type { BoundingBox, DetectionEntry } from './detection.ts';

/** Older boxes no longer show where an object is. */
export const boxMaxAgeMs = 1000;

/** Drops motion boxes that overlap a box of another detector, and sorts motion last. */
export function withoutCoveredMotion<T extends Pick<DetectionEntry, 'detector' | 'boundingBox'>>(
  entries: readonly T[],
): T[] {
  const named = entries.filter(({ detector }) => detector !== 'motion');
  const motion = entries.filter(({ detector }) => detector === 'motion');
  const isCovered = ({ boundingBox }: T) =>
    named.some((other) => isOverlapping(boundingBox, other.boundingBox));
  return [...named, ...motion.filter((entry) => !isCovered(entry))];
}

function isOverlapping(a: BoundingBox, b: BoundingBox): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
