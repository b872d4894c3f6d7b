import type { StreamFailureKind } from '@camplane/contracts/camera-status';
import type { StreamFacts } from './stream-facts.ts';

/** Everything that a camera's conditions derive from. Observation only; times are of the monotonic clock. */
export type CameraFacts = {
  main: StreamFacts;
  /** Null if detection is off. */
  detection: DetectionFrames | null;
  /** Null if no sub stream is configured. */
  sub: SubStreamFacts | null;
  nowMs: number;
};

/** The frames that are published for detection. */
export type DetectionFrames = {
  /** Frames per second. */
  requestedFps: number;
  requestedSinceMs: number;
  /** When the event bus last accepted a frame, and when it last refused one. */
  deliveredMs: number | null;
  refusedMs: number | null;
};

export type SubStreamFacts = {
  stream: StreamFacts | null;
  /** Answer of the camera to a check before the first viewer; null without one. */
  check: SubStreamCheck | null;
};

export type SubStreamCheck = { ok: true } | { ok: false; kind: StreamFailureKind; message: string };
