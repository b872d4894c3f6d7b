import type { Box } from '../boxes.ts';
import { suppressNonMaxima } from '../non-maximum-suppression.ts';

/** `distance`: from the plane between people and the rest, as the SVM has it. */
export type Candidate = { box: Box; distance: number };
export type Person = { box: Box; confidence: number };

/** Candidates weaker than this are not worth the sorting: a confidence of 0.25. */
export const distanceMin = -0.2;
/** Boxes that share more are one person; two who walk side by side share about a third. */
export const overlapMax = 0.4;
/** Nor is there a person within another: legs, or a head and shoulders, look like a small one. */
const withinMax = 0.7;
/** Distance at which it is as likely a person as not, and how fast that changes. */
const evenDistance = 0.4;
const steepness = 1.8;

/** One box for each person. */
export function choosePeople(candidates: readonly Candidate[]): Person[] {
  const scored = candidates.map(({ box, distance }) => ({ box, score: distance }));
  return suppressNonMaxima(scored, { overlapMax, withinMax }).map(({ box, score }) => ({
    box,
    confidence: personConfidence(score),
  }));
}

/** Makes the SVM's distance, which has no bounds, a confidence: 1 / (1 + e^(−1.8 · (distance − 0.4))). */
export function personConfidence(distance: number): number {
  return 1 / (1 + Math.exp(-steepness * (distance - evenDistance)));
}
