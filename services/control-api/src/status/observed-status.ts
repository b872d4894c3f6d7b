import { cameraResourcePhases } from '@camplane/contracts/camera-resource';
import type { CameraResourceStatus } from '@camplane/contracts/camera-resource';
import type { CameraPhase, CameraStatus } from '@camplane/contracts/camera-status';

/**
 * A camera's status with what the operator of a cluster knows better than the camera's own pod. The pod sees the edge
 * as one viewer; the operator counts those at the edge. And while the pod says nothing, because it is not placed, its
 * image cannot be had, or it is ended again and again, the operator says why.
 */
export function withObserved(status: CameraStatus, observed: CameraResourceStatus | undefined): CameraStatus {
  if (!observed) return status;
  const viewerCount = observed.viewers ?? status.viewerCount;
  const ready = observed.conditions?.find(({ type }) => type === 'Ready');
  const phase = phaseOf(observed);
  const isSilent = silentReasons.includes(status.reason);
  // That frames flowed when it last looked says nothing now.
  if (!isSilent || ready?.status !== 'False' || phase === undefined) return { ...status, viewerCount };
  return { ...status, viewerCount, phase, reason: ready.reason, message: ready.message };
}

/** Of statuses that nobody sent: see `effective-status.ts`. */
const silentReasons = ['HeartbeatMissing', 'Starting'];

function phaseOf(observed: CameraResourceStatus): CameraPhase | undefined {
  const phases = Object.entries(cameraResourcePhases) as [CameraPhase, string][];
  return phases.find(([, name]) => name === observed.phase)?.[0];
}
