import { areaOf, overlapOf, sharedArea } from './boxes.ts';
import type { Box } from './boxes.ts';

/**
 * The best of each heap of boxes. A box goes where a better one shares more than `overlapMax` of their union, or
 * where one of the two lies within the other for more than `withinMax` of itself.
 */
export function suppressNonMaxima<T extends { box: Box; score: number }>(
  candidates: readonly T[],
  { overlapMax, withinMax = 1 }: { overlapMax: number; withinMax?: number },
): T[] {
  const kept: T[] = [];
  for (const candidate of [...candidates].sort((a, b) => b.score - a.score)) {
    const isDouble = kept.some(
      ({ box }) =>
        overlapOf(box, candidate.box) > overlapMax ||
        sharedArea(box, candidate.box) > withinMax * Math.min(areaOf(box), areaOf(candidate.box)),
    );
    if (!isDouble) kept.push(candidate);
  }
  return kept;
}
