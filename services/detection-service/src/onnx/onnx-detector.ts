import { detectionsPerResultMax } from '@camplane/contracts/detection';
import type { Found } from '@camplane/contracts/detection';
import { fractionsOf } from '../detect/boxes.ts';
import type { Detector, Pixels } from '../detect/detector.ts';
import { decodeAnswer, suppressByClass } from './decode.ts';
import { boxInPicture, drawLetterboxed, letterboxOf } from './letterbox.ts';
import type { LoadedModel } from './load-model.ts';

/** Finds what a model knows. It remembers nothing, so that all cameras of a worker share one model. */
export function createOnnxDetector(model: LoadedModel): Detector {
  return {
    async detect(picture, { minConfidence }) {
      return lookWithModel(model, await picture.rgb(), minConfidence);
    },
    dispose() {
      // The model is the worker's.
    },
  };
}

/** Stands where a model is asked for and none can be used: each look fails, with the reason. */
export function createMissingOnnxDetector(reason: string): Detector {
  return {
    detect: () => Promise.reject(new Error(reason)),
    dispose() {
      // It holds nothing.
    },
  };
}

async function lookWithModel(model: LoadedModel, rgb: Pixels, minConfidence: number): Promise<Found[]> {
  const letterbox = letterboxOf(rgb, model.input);
  const output = await model.run((input) => drawLetterboxed(rgb, letterbox, model.input, input));
  const thresholds = model.thresholds.map((threshold) => Math.max(threshold, minConfidence));
  return suppressByClass(decodeAnswer(output, model.layout, thresholds))
    .map(({ classIndex, score, box }) => ({
      label: model.labels[classIndex] ?? '',
      confidence: score,
      boundingBox: fractionsOf(boxInPicture(box, letterbox), rgb),
    }))
    .filter(({ boundingBox }) => boundingBox.width > 0 && boundingBox.height > 0)
    .slice(0, detectionsPerResultMax);
}
