import { StartupError } from '@camplane/service-kit/startup-error';

/**
 * `labels`: the label file. `thresholds`: ONNX_MIN_CONFIDENCE. `model-missing`: no such file. `not-a-model`: the file
 * cannot be loaded. `input`: it wants something else than one picture. `output`: its answer is not YOLO-shaped, or not
 * for so many labels. `run`: it fails on a picture.
 */
export type ModelErrorKind =
  'labels' | 'thresholds' | 'model-missing' | 'not-a-model' | 'input' | 'output' | 'run';

/** A model that cannot be used. The message names the environment variable and the remedy. */
export class ModelError extends StartupError {
  readonly kind: ModelErrorKind;

  constructor(kind: ModelErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ModelError';
    this.kind = kind;
  }
}
