import type { CameraStatus } from '@camplane/contracts/camera-status';
import type { ReadinessResult } from '@camplane/service-kit/health';

/** Stopped on request. */
const stopped = ['STOPPED', 'STOPPING'];

/** Whether the condition `Ready` of every enabled camera is true. True without cameras. */
export function camerasReadiness(
  statuses: readonly Pick<CameraStatus, 'cameraId' | 'phase' | 'conditions'>[],
): ReadinessResult {
  const failing = statuses.flatMap(({ cameraId, phase, conditions }) => {
    const ready = conditions.find(({ type }) => type === 'Ready');
    return stopped.includes(phase) || ready?.status === 'True'
      ? []
      : [{ cameraId, message: ready?.message ?? '' }];
  });
  const [first] = failing;
  if (!first) return { ok: true };
  const more = failing.length === 1 ? '' : ` (and ${failing.length - 1} more)`;
  return { ok: false, reason: `${first.cameraId}: ${first.message}${more}` };
}
