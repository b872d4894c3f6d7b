import type { Found } from '@camplane/contracts/detection';
import type { DetectorName } from '@camplane/contracts/camera';
import type { LookWishes } from '../detect/camera-detectors.ts';

/** What a worker thread is started with. */
export type DetectionWorkerData = Record<string, never>;

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
