import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { progressOf } from '../decide/deployment-progress.ts';
import { stagedPodOf } from '../decide/installation.ts';
import { containerNames, containerStatuses } from '../decide/pod.ts';
import type { CameraPods, Pod } from '../decide/pod.ts';
import { podTrouble } from '../decide/pod-trouble.ts';
import type { PodTrouble } from '../decide/pod-trouble.ts';
import { stuckPod } from '../decide/readiness.ts';
import type { OperatorReason } from '../decide/reasons.ts';

/** A camera that has no video because its pod was replaced. `trouble`: why that may last; null: time is needed. */
export type Away = { trouble: Pick<PodTrouble, 'reason' | 'message'> | null };

/** A pod that runs and is not ready shows what its camera does, after so long: one may be switched off at the wall. */
const startMaxMs = 60_000;
/** A quota counts a pod that has just gone for a while. A full one is not of the new version's making. */
const quotaMaxMs = 60_000;

/** What comes with an image or a setting, and would come to the next camera too. */
const reasonsOfVersion: readonly OperatorReason[] = [
  ...(['ImagePullFailed', 'ContainerCannotBeCreated', 'CrashLoop', 'ContainerEnded', 'OutOfMemory'] as const),
  ...(['Unschedulable', 'PodRefused'] as const),
];

/**
 * Whether a camera whose pod the installation has replaced is still away. Not when its pod was ready or runs for a
 * while, when it was stopped, nor while what keeps it has nothing to do with the version (a lost node, a quota).
 */
export function awayOf(deployment: KubernetesObject, pods: CameraPods, nowMs: number): Away | null {
  const { isStopped, isReady, hasItsPod, refusedSinceMs } = progressOf(deployment);
  if (isStopped || isReady) return null;
  const trouble = podTrouble(pods, deployment);
  if (trouble?.reason === 'NodeLost') return null;
  if (trouble?.reason === 'QuotaExceeded') {
    return nowMs - (refusedSinceMs ?? 0) > quotaMaxMs ? null : { trouble: null };
  }
  if (trouble && reasonsOfVersion.includes(trouble.reason)) return { trouble };
  const { current } = pods;
  // None yet, or the one before, which a cache may show longer than the Deployment speaks of it.
  const isBefore = current?.metadata.uid === stagedPodOf(deployment);
  if (!hasItsPod || current === null || isBefore) return { trouble: null };
  const startedMs = startOf(current);
  if (startedMs !== null) return nowMs - startedMs > startMaxMs ? null : { trouble: null };
  return { trouble: stuckPod(current, nowMs) };
}

/** When camera-service began to answer (ms since the epoch); null: an image is being pulled, or it has not yet. */
function startOf(pod: Pod): number | null {
  const statuses = containerStatuses(pod);
  if (statuses.some(({ started }) => started === false)) return null;
  const service = statuses.find(({ name }) => name === containerNames.cameraService);
  const running = service?.state?.running;
  return running ? Date.parse(running.startedAt ?? '') || 0 : null;
}
