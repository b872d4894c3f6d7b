import type { DetectorName } from '@camplane/contracts/camera';
import type { DetectionResult } from '@camplane/contracts/detection';
import type { Track } from '../tracking/tracker.ts';

/** What is known about a camera from its previous frames. */
export type CameraState = {
  /** Detectors whose last published result was not empty: an empty one must follow when their objects disappear. */
  shown: ReadonlySet<DetectorName>;
  /** Separately for workers and the AI service, whose responses arrive later. */
  tracks: { worker: readonly Track[]; http: readonly Track[] };
  /** Capture time of the last frame whose image was published: milliseconds since 1970. */
  imageAt: number | null;
  /** A result that could not be published yet; the bus will deliver its frame again. */
  unpublished: { frame: FrameId; result: DetectionResult } | null;
  /** The last frame that failed, and how often. */
  failed: { frame: FrameId; times: number } | null;
  /** Monotonic milliseconds. */
  seenAt: number;
};
export type FrameId = { capturedAt: number; sequence: number };

export function isSameFrame(a: FrameId, b: FrameId): boolean {
  return a.capturedAt === b.capturedAt && a.sequence === b.sequence;
}

/** A camera without frames for this long is evicted. */
const silenceMaxMs = 60_000;
/** Far more than a service is meant for; beyond it the least recently used camera is evicted. */
const camerasMax = 5_000;

/** The states of all cameras, bounded. */
export function createCameraStates() {
  const states = new Map<string, CameraState>();
  return {
    /** @param now monotonic milliseconds */
    of(cameraId: string, now: number): CameraState {
      const state = states.get(cameraId) ?? {
        shown: new Set(),
        tracks: { worker: [], http: [] },
        imageAt: null,
        unpublished: null,
        failed: null,
        seenAt: now,
      };
      state.seenAt = now;
      // Moves the camera to the end: the first is the least recently used.
      states.delete(cameraId);
      states.set(cameraId, state);
      for (const [oldest, { seenAt }] of states) {
        if (states.size <= camerasMax && now - seenAt <= silenceMaxMs) break;
        states.delete(oldest);
      }
      return state;
    },
    get size(): number {
      return states.size;
    },
  };
}
