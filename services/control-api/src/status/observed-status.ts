import { cameraResourcePhases } from '@camplane/contracts/camera-resource';
import type { CameraResourceStatus } from '@camplane/contracts/camera-resource';
import type { CameraPhase, CameraStatus } from '@camplane/contracts/camera-status';

/**
 * Adds the observations of the operator to the status from the pod of a camera. The pod sees the edge as one viewer; the
 * operator counts the viewers at the edge. While the pod sends no status (unschedulable, image not pulled, crash loop), the
 * operator has the reason.
 */
export function withObserved(status: CameraStatus, observed: CameraResourceStatus | undefined): CameraStatus {
  if (!observed) return status;
  const viewerCount = observed.viewers ?? status.viewerCount;
  const ready = observed.conditions?.find(({ type }) => type === 'Ready');
  const phase = phaseOf(observed);
  const isSilent = silentReasons.includes(status.reason);
  // Ready=True is older than the missing heartbeats.
  if (!isSilent || ready?.status !== 'False' || phase === undefined) return { ...status, viewerCount };
  return { ...status, viewerCount, phase, reason: ready.reason, message: ready.message };
}

/** Reasons that `effective-status.ts` sets while the pod sends no status. */
const silentReasons = ['HeartbeatMissing', 'Starting'];

function phaseOf(observed: CameraResourceStatus): CameraPhase | undefined {
  const phases = Object.entries(cameraResourcePhases) as [CameraPhase, string][];
  return phases.find(([, name]) => name === observed.phase)?.[0];
}
