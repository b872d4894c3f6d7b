import type { CameraStatus } from '@camplane/contracts/camera-status';
import type { ReadinessResult } from '@camplane/service-kit/health';

const ready = ['RUNNING', 'IDLE'];
/** Stopped on request. */
const stopped = ['STOPPED', 'STOPPING'];

/** Whether every enabled camera is running or idle. True without cameras. */
export function camerasReadiness(
  statuses: readonly Pick<CameraStatus, 'cameraId' | 'phase' | 'message'>[],
): ReadinessResult {
  const failing = statuses.filter(({ phase }) => !ready.includes(phase) && !stopped.includes(phase));
  const [first] = failing;
  if (!first) return { ok: true };
  const more = failing.length === 1 ? '' : ` (and ${failing.length - 1} more)`;
  return { ok: false, reason: `${first.cameraId}: ${first.message}${more}` };
}
