import { detectionsPerResultMax } from '@camplane/contracts/detection';
import type { Found } from '@camplane/contracts/detection';
import { fractionsOf } from '../detect/boxes.ts';
import type { Detector, Pixels } from '../detect/detector.ts';
import { decodeAnswer, suppressByClass } from './decode.ts';
import { boxInImage, drawLetterboxed, letterboxOf } from './letterbox.ts';
import type { LoadedModel } from './load-model.ts';

/** Detects the classes of a model. Stateless, so all cameras of a worker share one model. */
export function createOnnxDetector(model: LoadedModel): Detector {
  return {
    async detect(image, { minConfidence }) {
      return runModel(model, await image.rgb(), minConfidence);
    },
    dispose() {
      // The model belongs to the worker.
    },
  };
}

/** In place of the detector where no model is configured: every run fails with the reason. */
export function createMissingOnnxDetector(reason: string): Detector {
  return {
    detect: () => Promise.reject(new Error(reason)),
    dispose() {
      // Nothing to release.
    },
  };
}

async function runModel(model: LoadedModel, rgb: Pixels, minConfidence: number): Promise<Found[]> {
  const letterbox = letterboxOf(rgb, model.input);
  const output = await model.run((input) => drawLetterboxed(rgb, letterbox, model.input, input));
  const thresholds = model.thresholds.map((threshold) => Math.max(threshold, minConfidence));
  return suppressByClass(decodeAnswer(output, model.layout, thresholds))
    .map(({ classIndex, score, box }) => ({
      label: model.labels[classIndex] ?? '',
      confidence: score,
      boundingBox: fractionsOf(boxInImage(box, letterbox), rgb),
    }))
    .filter(({ boundingBox }) => boundingBox.width > 0 && boundingBox.height > 0)
    .slice(0, detectionsPerResultMax);
}
