import type { Found } from '@camplane/contracts/detection';
import type { DetectorName } from '@camplane/contracts/camera';
import type { DetectOptions } from '../detect/camera-detectors.ts';
import type { Capability } from '../detect/capabilities.ts';
import type { CompiledOpenCv } from '@camplane/opencv/compile-opencv';
import type { OnnxSettings } from '../onnx/load-model.ts';

/** `workerData` of a worker thread. */
export type DetectionWorkerData = {
  /** The configured model; null: none. It is loaded with the capability `model`. */
  onnx: OnnxSettings | null;
  /** Of a `NativeGate`. */
  gate: SharedArrayBuffer;
};

export type DetectRequest = DetectOptions & {
  /** Null: a single image, processed without knowledge of others. */
  cameraId: string | null;
  /** Milliseconds since 1970. */
  capturedAt: number;
  jpeg: Uint8Array;
};

/** The result of one detector, as `DetectorRun`, without the cause, which cannot cross threads. */
export type DetectorResult = { detector: DetectorName; seconds: number } & (
  { outcome: 'detected'; found: Found[] } | { outcome: 'skipped' } | { outcome: 'failed'; message: string }
);

export type DetectResponse = {
  /** Size of the decoded image, in pixels. */
  width: number;
  height: number;
  results: DetectorResult[];
};

export type ToDetectionWorker =
  /** `openCv` is set if the capability `opencv` is requested. */
  | { type: 'load'; capabilities: readonly Capability[]; openCv?: CompiledOpenCv }
  | { type: 'detect'; id: number; request: DetectRequest }
  | { type: 'stop' };

/** `memoryBytes`: the thread's WebAssembly memory and JavaScript heap. */
export type FromDetectionWorker =
  /** All requested capabilities are loaded. */
  | { type: 'ready' }
  | ({ type: 'detected'; id: number; memoryBytes: number } & DetectResponse)
  | { type: 'failed'; id: number; memoryBytes: number; unreadable: boolean; message: string };
