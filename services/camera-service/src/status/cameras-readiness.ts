import type { CameraStatus } from '@camplane/contracts/camera-status';
import type { ReadinessResult } from '@camplane/service-kit/health';

const ready = ['RUNNING', 'IDLE'];
/** As its owner wished. */
const stopped = ['STOPPED', 'STOPPING'];

/** Whether every camera that is to run does, or waits for its first viewer. Without cameras there is none that does not. */
export function camerasReadiness(
  statuses: readonly Pick<CameraStatus, 'cameraId' | 'phase' | 'message'>[],
): ReadinessResult {
  const failing = statuses.filter(({ phase }) => !ready.includes(phase) && !stopped.includes(phase));
  const [first] = failing;
  if (!first) return { ok: true };
  const more = failing.length === 1 ? '' : ` (and ${failing.length - 1} more)`;
  return { ok: false, reason: `${first.cameraId}: ${first.message}${more}` };
}
