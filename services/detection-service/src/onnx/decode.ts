import type { Box } from '../detect/boxes.ts';
import { suppressNonMaxima } from '../detect/non-maximum-suppression.ts';
import type { OutputLayout } from './model-shape.ts';

/** In pixels of the model's input. */
export type Candidate = { classIndex: number; score: number; box: Box };

/** With an unsuitable model every anchor may score; more are not worth the time. */
const candidatesMax = 1000;
const overlapMax = 0.45;

/**
 * Decodes YOLO-shaped output: for each anchor the best class that reaches its threshold. NaNs and boxes without area are
 * left out. At most a thousand candidates, highest score first.
 *
 * @param output boxes as centre and size
 * @param thresholds by class index
 */
export function decodeAnswer(
  output: Float32Array,
  layout: OutputLayout,
  thresholds: readonly number[],
): Candidate[] {
  const { anchors, classes, objectness, byValue } = layout;
  const firstClass = objectness ? 5 : 4;
  const values = firstClass + classes;
  const [anchorStep, valueStep] = byValue ? [1, anchors] : [values, 1];
  const at = (anchor: number, value: number): number =>
    output[anchor * anchorStep + value * valueStep] ?? NaN;
  const best = new Float64Array(anchors);
  const bestClass = new Int32Array(anchors).fill(-1);
  for (let classIndex = 0; classIndex < classes; classIndex++) {
    const threshold = thresholds[classIndex] ?? 0;
    let index = (firstClass + classIndex) * valueStep;
    for (let anchor = 0; anchor < anchors; anchor++, index += anchorStep) {
      const classScore = output[index] ?? NaN;
      // Objectness is at most 1, so most anchors fail without reading it.
      if (!(classScore >= threshold)) continue;
      const score = objectness ? classScore * at(anchor, 4) : classScore;
      if (!(score >= threshold) || !(score > (best[anchor] ?? 0))) continue;
      best[anchor] = score;
      bestClass[anchor] = classIndex;
    }
  }
  const candidates: Candidate[] = [];
  for (let anchor = 0; anchor < anchors; anchor++) {
    const classIndex = bestClass[anchor] ?? -1;
    if (classIndex < 0) continue;
    const [width, height] = [at(anchor, 2), at(anchor, 3)];
    const box = { x: at(anchor, 0) - width / 2, y: at(anchor, 1) - height / 2, width, height };
    if (!(width > 0 && height > 0) || !Object.values(box).every(Number.isFinite)) continue;
    candidates.push({ classIndex, score: Math.min(1, best[anchor] ?? 0), box });
  }
  return candidates.sort((a, b) => b.score - a.score).slice(0, candidatesMax);
}

/** Non-maximum suppression within each class, highest score first. One object may have two classes. */
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
