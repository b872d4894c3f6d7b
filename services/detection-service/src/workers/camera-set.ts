import { createCameraDetectors, createSingleDetectors } from '../detect/camera-detectors.ts';
import type { CameraDetectors, Look } from '../detect/camera-detectors.ts';
import type { WorkerTools } from '../detect/detector-registry.ts';
import type { Picture } from '../detect/detector.ts';
import type { LookRequest } from './worker-messages.ts';

/** A camera that is silent for so long is forgotten. */
const silenceMaxMs = 60_000;
/** More than any worker has: beyond it the one that was silent longest is forgotten. */
const camerasMax = 256;

type Member = { detectors: CameraDetectors; seenMs: number; busy: number; tail: Promise<unknown> };

/** The detectors of the cameras of one worker thread. Pictures of one camera are looked at in turn. */
export function createCameraSet(tools: WorkerTools) {
  const members = new Map<string | null, Member>();

  function forget(key: string | null, member: Member): void {
    members.delete(key);
    void member.tail.then(() => member.detectors.dispose());
  }

  function memberOf(key: string | null, nowMs: number): Member {
    const member = members.get(key) ?? {
      detectors: key === null ? createSingleDetectors(tools) : createCameraDetectors(tools),
      seenMs: nowMs,
      busy: 0,
      tail: Promise.resolve(),
    };
    member.seenMs = nowMs;
    // The one seen last stands last.
    members.delete(key);
    members.set(key, member);
    for (const [oldest, silent] of members) {
      if (members.size <= camerasMax) break;
      forget(oldest, silent);
    }
    return member;
  }

  return {
    look(picture: Picture, request: LookRequest, nowMs: number): Promise<Look[]> {
      const member = memberOf(request.cameraId, nowMs);
      member.busy += 1;
      const looking = member.tail.then(() => member.detectors.look(picture, request));
      member.tail = looking
        .catch(() => undefined)
        .finally(() => {
          member.busy -= 1;
        });
      return looking;
    },
    forgetSilent(nowMs: number): void {
      for (const [key, member] of members) {
        if (member.busy === 0 && nowMs - member.seenMs > silenceMaxMs) forget(key, member);
      }
    },
    get size(): number {
      return members.size;
    },
  };
}
