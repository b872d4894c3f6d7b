import type { Found } from '@camplane/contracts/detection';
import type { DetectorName } from '@camplane/contracts/camera';
import type { LookWishes } from '../detect/camera-detectors.ts';
import type { OnnxSettings } from '../onnx/load-model.ts';

/** What a worker thread is started with. */
export type DetectionWorkerData = {
  /** The model that it loads; null: none. */
  onnx: OnnxSettings | null;
  /** Of a `NativeGate`. */
  gate: SharedArrayBuffer;
  /** It loads the model to see whether it can, is ready, and waits for its end. */
  isCheck: boolean;
};

export type LookRequest = LookWishes & {
  /** Null: a single picture, looked at without any knowledge of others. */
  cameraId: string | null;
  /** Milliseconds since 1970. */
  capturedAt: number;
  jpeg: Uint8Array;
};

/** What a detector said of a picture; see `Look`. Without the cause, which may not cross threads. */
export type LookAnswer = { detector: DetectorName; seconds: number } & (
  { outcome: 'looked'; found: Found[] } | { outcome: 'skipped' } | { outcome: 'failed'; message: string }
);

export type Looked = {
  /** Of the picture as it was decoded, in pixels. */
  width: number;
  height: number;
  answers: LookAnswer[];
};

export type ToDetectionWorker = { type: 'look'; id: number; request: LookRequest } | { type: 'stop' };

/** `memoryBytes`: of the thread's WebAssembly and its own objects. */
export type FromDetectionWorker =
  | { type: 'ready' }
  | ({ type: 'looked'; id: number; memoryBytes: number } & Looked)
  | { type: 'refused'; id: number; memoryBytes: number; unreadable: boolean; message: string };
