import type { DetectorName } from '@camplane/contracts/camera';
import type { OpenCv } from '@camplane/opencv/load-opencv';
import type { LoadedModel } from '../onnx/load-model.ts';
import { createMissingOnnxDetector, createOnnxDetector } from '../onnx/onnx-detector.ts';
import type { Detector } from './detector.ts';
import { createMotionDetector } from './motion/motion-detector.ts';
import type { MotionWatch } from './motion/motion-watch.ts';
import { createPersonDetector } from './person/person-detector.ts';
import { createImagePersonDetector } from './person/image-person-detector.ts';
import type { WorkShare } from './work-share.ts';

/** What the cameras of a worker thread share. */
export type WorkerTools = {
  /** Throws where the capability `opencv` is not loaded. */
  readonly cv: OpenCv;
  share: WorkShare;
  /** Null: none is configured. */
  readonly model: LoadedModel | null;
};

type Factory = {
  /** For the frames of one camera. */
  forCamera(tools: WorkerTools, watch: () => MotionWatch): Detector;
  /** For unrelated images. Null: the detector needs consecutive frames. */
  forImages: ((tools: WorkerTools) => Detector) | null;
};

/** The detectors that run in a worker. `http` does not. */
export const detectorFactories: Partial<Record<DetectorName, Factory>> = {
  motion: { forCamera: (_, watch) => createMotionDetector(watch()), forImages: null },
  person: {
    forCamera: ({ cv, share }, watch) => createPersonDetector(cv, watch(), share.join()),
    forImages: ({ cv }) => createImagePersonDetector(cv),
  },
  onnx: { forCamera: onnxDetector, forImages: onnxDetector },
};

function onnxDetector({ model }: WorkerTools): Detector {
  return model
    ? createOnnxDetector(model)
    : createMissingOnnxDetector(
        'no model is configured: set ONNX_MODEL and ONNX_LABELS of detection-service',
      );
}
