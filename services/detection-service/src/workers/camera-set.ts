import { createCameraDetectors, createImageDetectors } from '../detect/camera-detectors.ts';
import type { CameraDetectors, DetectorRun } from '../detect/camera-detectors.ts';
import type { WorkerTools } from '../detect/detector-registry.ts';
import type { Image } from '../detect/detector.ts';
import type { DetectRequest } from './worker-messages.ts';

/** A camera without frames for this long is evicted. */
const silenceMaxMs = 60_000;
/** More than a worker is meant for; beyond it the least recently used camera is evicted. */
const camerasMax = 256;

type Member = { detectors: CameraDetectors; seenMs: number; busy: number; tail: Promise<unknown> };

/** The detectors of the cameras of one worker thread. Frames of one camera are processed in order. */
export function createCameraSet(tools: WorkerTools) {
  const members = new Map<string | null, Member>();

  function evict(key: string | null, member: Member): void {
    members.delete(key);
    void member.tail.then(() => member.detectors.dispose());
  }

  function memberOf(key: string | null, nowMs: number): Member {
    const member = members.get(key) ?? {
      detectors: key === null ? createImageDetectors(tools) : createCameraDetectors(tools),
      seenMs: nowMs,
      busy: 0,
      tail: Promise.resolve(),
    };
    member.seenMs = nowMs;
    // Moves the camera to the end: the first is the least recently used.
    members.delete(key);
    members.set(key, member);
    for (const [oldest, silent] of members) {
      if (members.size <= camerasMax) break;
      evict(oldest, silent);
    }
    return member;
  }

  return {
    detect(image: Image, request: DetectRequest, nowMs: number): Promise<DetectorRun[]> {
      const member = memberOf(request.cameraId, nowMs);
      member.busy += 1;
      const detecting = member.tail.then(() => member.detectors.detect(image, request));
      member.tail = detecting
        .catch(() => undefined)
        .finally(() => {
          member.busy -= 1;
        });
      return detecting;
    },
    evictSilent(nowMs: number): void {
      for (const [key, member] of members) {
        if (member.busy === 0 && nowMs - member.seenMs > silenceMaxMs) evict(key, member);
      }
    },
    get size(): number {
      return members.size;
    },
  };
}
