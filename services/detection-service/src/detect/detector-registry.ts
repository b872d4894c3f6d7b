import type { DetectorName } from '@camplane/contracts/camera';
import type { OpenCv } from '@camplane/opencv/load-opencv';
import type { LoadedModel } from '../onnx/load-model.ts';
import { createMissingOnnxDetector, createOnnxDetector } from '../onnx/onnx-detector.ts';
import type { Detector } from './detector.ts';
import { createMotionDetector } from './motion/motion-detector.ts';
import type { MotionWatch } from './motion/motion-watch.ts';
import { createPersonDetector } from './person/person-detector.ts';
import { createStillPersonDetector } from './person/still-person-detector.ts';
import type { WorkShare } from './work-share.ts';

/** What a worker thread has, once, for all its cameras. */
export type WorkerTools = {
  cv: OpenCv;
  share: WorkShare;
  /** Null: none is configured. */
  model: LoadedModel | null;
};

/** How each detector comes to be. What is not here (`http`) does not run in a worker. */
type Maker = {
  /** For the pictures of one camera. */
  forCamera(tools: WorkerTools, watch: MotionWatch): Detector;
  /** For single pictures that have nothing to do with one another. Null: it can say nothing of those. */
  forSingles: ((tools: WorkerTools) => Detector) | null;
};

export const detectorMakers: Partial<Record<DetectorName, Maker>> = {
  motion: { forCamera: (_, watch) => createMotionDetector(watch), forSingles: null },
  person: {
    forCamera: ({ cv, share }, watch) => createPersonDetector(cv, watch, share.join()),
    forSingles: ({ cv }) => createStillPersonDetector(cv),
  },
  onnx: { forCamera: onnxDetector, forSingles: onnxDetector },
};

function onnxDetector({ model }: WorkerTools): Detector {
  return model
    ? createOnnxDetector(model)
    : createMissingOnnxDetector('there is no model: set ONNX_MODEL and ONNX_LABELS of detection-service');
}

/** Of the detectors that a camera wants, those that run in a worker. */
export function runsInWorker(name: DetectorName): boolean {
  return name !== 'http';
}
