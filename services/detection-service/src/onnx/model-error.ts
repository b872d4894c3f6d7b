import { StartupError } from '@camplane/service-kit/startup-error';

/**
 * `labels`: the label file. `thresholds`: ONNX_MIN_CONFIDENCE. `model-missing`: no such file. `not-a-model`: the file
 * cannot be loaded. `input`: the input is not one image. `output`: the output is not YOLO-shaped, or does not match the
 * number of labels. `run`: it fails on an image.
 */
export type ModelErrorKind =
  'labels' | 'thresholds' | 'model-missing' | 'not-a-model' | 'input' | 'output' | 'run';

/** An unusable model. The message names the environment variable and the remedy. */
export class ModelError extends StartupError {
  readonly kind: ModelErrorKind;

  constructor(kind: ModelErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ModelError';
    this.kind = kind;
  }
}
