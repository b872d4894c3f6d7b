import type { Box } from '../boxes.ts';
import { suppressNonMaxima } from '../non-maximum-suppression.ts';

/** `distance` from the separating plane of the SVM. */
export type Candidate = { box: Box; distance: number };
export type Person = { box: Box; confidence: number };

/** Minimum distance of a candidate, a confidence of 0.25. */
export const distanceMin = -0.2;
/** Boxes that overlap more are one person; two people side by side overlap by about a third. */
export const overlapMax = 0.4;
/** Removes a person inside another one: legs, or head and shoulders, look like a small person. */
const withinMax = 0.7;
/** Distance with a confidence of 0.5, and the slope there. */
const evenDistance = 0.4;
const steepness = 1.8;

/** One box per person. */
export function choosePeople(candidates: readonly Candidate[]): Person[] {
  const scored = candidates.map(({ box, distance }) => ({ box, score: distance }));
  return suppressNonMaxima(scored, { overlapMax, withinMax }).map(({ box, score }) => ({
    box,
    confidence: personConfidence(score),
  }));
}

/** Maps the unbounded distance to a confidence: 1 / (1 + e^(−1.8 · (distance − 0.4))). */
export function personConfidence(distance: number): number {
  return 1 / (1 + Math.exp(-steepness * (distance - evenDistance)));
}
