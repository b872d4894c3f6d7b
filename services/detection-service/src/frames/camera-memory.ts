import type { DetectorName } from '@camplane/contracts/camera';
import type { DetectionResult } from '@camplane/contracts/detection';
import type { Track } from '../tracking/tracker.ts';

/** What is known of one camera from its frames before. */
export type CameraMemory = {
  /** Detectors whose last word was that something is there: it must be taken back when it has gone. */
  shown: ReadonlySet<DetectorName>;
  /** Of the detectors in workers, and of the AI service, whose answers come later. */
  tracks: { worker: readonly Track[]; http: readonly Track[] };
  /** When the last frame whose picture was published was taken: milliseconds since 1970. */
  pictureAt: number | null;
  /** What was made of a frame and could not be published yet; the frame will come again. */
  unpublished: { frame: FrameId; result: DetectionResult } | null;
  /** A frame that was looked at in vain, and how often. */
  failed: { frame: FrameId; times: number } | null;
  seenAt: number;
};
export type FrameId = { capturedAt: number; sequence: number };

export function isSameFrame(a: FrameId, b: FrameId): boolean {
  return a.capturedAt === b.capturedAt && a.sequence === b.sequence;
}

/** A camera of which nothing was heard for so long is forgotten. */
const silenceMaxMs = 60_000;
/** Many times what a service is meant for; beyond it the one heard of longest ago is forgotten. */
const camerasMax = 5_000;

/** The memories of all cameras, bounded. */
export function createCameraMemories() {
  const memories = new Map<string, CameraMemory>();
  return {
    /** @param now monotonic milliseconds */
    of(cameraId: string, now: number): CameraMemory {
      const memory = memories.get(cameraId) ?? {
        shown: new Set(),
        tracks: { worker: [], http: [] },
        pictureAt: null,
        unpublished: null,
        failed: null,
        seenAt: now,
      };
      memory.seenAt = now;
      // The one heard of last stands last.
      memories.delete(cameraId);
      memories.set(cameraId, memory);
      for (const [oldest, { seenAt }] of memories) {
        if (memories.size <= camerasMax && now - seenAt <= silenceMaxMs) break;
        memories.delete(oldest);
      }
      return memory;
    },
    get size(): number {
      return memories.size;
    },
  };
}
