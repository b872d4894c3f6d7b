import type { Box } from '../detect/boxes.ts';
import { suppressNonMaxima } from '../detect/non-maximum-suppression.ts';
import type { OutputLayout } from './model-shape.ts';

/** In pixels of the model's input. */
export type Candidate = { classIndex: number; score: number; box: Box };

/** Of a wrong model, every place may score: more is not worth the time. */
const candidatesMax = 1000;
const overlapMax = 0.45;

/**
 * What a YOLO-shaped answer holds: of each place the class that scores best among those that reach their thresholds.
 * Numbers that are none, and boxes without area, are left out. The surest come first, at most a thousand.
 *
 * @param output the answer's numbers; boxes as middle and size
 * @param thresholds of each class
 */
export function decodeAnswer(
  output: Float32Array,
  layout: OutputLayout,
  thresholds: readonly number[],
): Candidate[] {
  const { places, classes, objectness, byValue } = layout;
  const firstClass = objectness ? 5 : 4;
  const values = firstClass + classes;
  const [placeStep, valueStep] = byValue ? [1, places] : [values, 1];
  const at = (place: number, value: number): number => output[place * placeStep + value * valueStep] ?? NaN;
  const best = new Float64Array(places);
  const bestClass = new Int32Array(places).fill(-1);
  for (let classIndex = 0; classIndex < classes; classIndex++) {
    const threshold = thresholds[classIndex] ?? 0;
    let index = (firstClass + classIndex) * valueStep;
    for (let place = 0; place < places; place++, index += placeStep) {
      const classScore = output[index] ?? NaN;
      // Objectness is at most 1: most places fail without it.
      if (!(classScore >= threshold)) continue;
      const score = objectness ? classScore * at(place, 4) : classScore;
      if (!(score >= threshold) || !(score > (best[place] ?? 0))) continue;
      best[place] = score;
      bestClass[place] = classIndex;
    }
  }
  const candidates: Candidate[] = [];
  for (let place = 0; place < places; place++) {
    const classIndex = bestClass[place] ?? -1;
    if (classIndex < 0) continue;
    const [width, height] = [at(place, 2), at(place, 3)];
    const box = { x: at(place, 0) - width / 2, y: at(place, 1) - height / 2, width, height };
    if (!(width > 0 && height > 0) || !Object.values(box).every(Number.isFinite)) continue;
    candidates.push({ classIndex, score: Math.min(1, best[place] ?? 0), box });
  }
  return candidates.sort((a, b) => b.score - a.score).slice(0, candidatesMax);
}

/** The best of each heap of boxes of one class, the surest first. A thing may be two classes at once. */
export function suppressByClass(candidates: readonly Candidate[]): Candidate[] {
  const classes = new Map<number, Candidate[]>();
  for (const candidate of candidates) {
    const others = classes.get(candidate.classIndex);
    if (others) others.push(candidate);
    else classes.set(candidate.classIndex, [candidate]);
  }
  return [...classes.values()]
    .flatMap((ofClass) => suppressNonMaxima(ofClass, { overlapMax }))
    .sort((a, b) => b.score - a.score);
}
