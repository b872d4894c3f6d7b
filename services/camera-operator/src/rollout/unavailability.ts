import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { progressOf } from '../decide/deployment-progress.ts';
import { stagedPodOf } from '../decide/installation.ts';
import { containerNames, containerStatuses } from '../decide/pod.ts';
import type { CameraPods, Pod } from '../decide/pod.ts';
import { podTrouble } from '../decide/pod-trouble.ts';
import type { PodTrouble } from '../decide/pod-trouble.ts';
import { stuckPod } from '../decide/readiness.ts';
import type { OperatorReason } from '../decide/reasons.ts';

/** A camera without video because its pod was replaced. `trouble`: why this may last; null: it just needs time. */
export type Unavailability = { trouble: Pick<PodTrouble, 'reason' | 'message'> | null };

/** After this time, a running pod that is not ready has an unreachable camera, not a bad version. */
const startMaxMs = 60_000;
/** A quota still counts a deleted pod for a while. A longer rejection is not caused by the new version. */
const quotaMaxMs = 60_000;

/** Caused by an image or setting, so the next camera would fail as well. */
const reasonsOfVersion: readonly OperatorReason[] = [
  ...(['ImagePullFailed', 'ContainerCannotBeCreated', 'CrashLoop', 'ContainerEnded', 'OutOfMemory'] as const),
  ...(['Unschedulable', 'PodRefused'] as const),
];

/**
 * Why a camera is unavailable because of the rollout; null: it is available or stopped, its pod has run for a while, or
 * the cause is unrelated to the version (a lost node, a quota).
 */
export function unavailabilityOf(
  deployment: KubernetesObject,
  pods: CameraPods,
  nowMs: number,
): Unavailability | null {
  const { isStopped, isReady, hasCurrentPod, rejectedSinceMs } = progressOf(deployment);
  if (isStopped || isReady) return null;
  const trouble = podTrouble(pods, deployment);
  if (trouble?.reason === 'NodeLost') return null;
  if (trouble?.reason === 'QuotaExceeded') {
    return nowMs - (rejectedSinceMs ?? 0) > quotaMaxMs ? null : { trouble: null };
  }
  if (trouble && reasonsOfVersion.includes(trouble.reason)) return { trouble };
  const { current } = pods;
  // A cache may still show the old pod.
  const isOldPod = current?.metadata.uid === stagedPodOf(deployment);
  if (!hasCurrentPod || current === null || isOldPod) return { trouble: null };
  const startedMs = startOf(current);
  if (startedMs !== null) return nowMs - startedMs > startMaxMs ? null : { trouble: null };
  return { trouble: stuckPod(current, nowMs) };
}

/** When camera-service started (ms since the epoch); null: not yet. */
function startOf(pod: Pod): number | null {
  const statuses = containerStatuses(pod);
  if (statuses.some(({ started }) => started === false)) return null;
  const service = statuses.find(({ name }) => name === containerNames.cameraService);
  const running = service?.state?.running;
  return running ? Date.parse(running.startedAt ?? '') || 0 : null;
}
