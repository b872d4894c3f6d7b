import { areaOf, overlapOf, sharedArea } from './boxes.ts';
import type { Box } from './boxes.ts';

/**
 * Removes a box if a better one overlaps it by more than `overlapMax` (intersection over union), or if more than
 * `withinMax` of the smaller one is inside the other.
 */
export function suppressNonMaxima<T extends { box: Box; score: number }>(
  candidates: readonly T[],
  { overlapMax, withinMax = 1 }: { overlapMax: number; withinMax?: number },
): T[] {
  const kept: T[] = [];
  for (const candidate of [...candidates].sort((a, b) => b.score - a.score)) {
    const isDuplicate = kept.some(
      ({ box }) =>
        overlapOf(box, candidate.box) > overlapMax ||
        sharedArea(box, candidate.box) > withinMax * Math.min(areaOf(box), areaOf(candidate.box)),
    );
    if (!isDuplicate) kept.push(candidate);
  }
  return kept;
}
