import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import type { PodCondition } from './pod.ts';

/** The fields used here; any may be missing. */
type LiveDeployment = KubernetesObject & {
  spec?: { replicas?: number };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    readyReplicas?: number;
    conditions?: (PodCondition & { lastTransitionTime?: string })[];
  };
};

/** The Deployment controller's progress, from one consistent status. Two caches may disagree. */
export type DeploymentProgress = {
  /** Scaled to zero. */
  isStopped: boolean;
  /** The old pod is deleted and one from the current template exists. */
  hasCurrentPod: boolean;
  isReady: boolean;
  /** A pod from the current template has been ready once, even if it failed later. */
  wasReady: boolean;
  /** Since when pod creation is rejected (ms since the epoch); null: it is not. */
  rejectedSinceMs: number | null;
};

export function progressOf(deployment: KubernetesObject): DeploymentProgress {
  const { metadata, spec, status = {} } = deployment as LiveDeployment;
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, readyReplicas = 0 } = status;
  const condition = (type: string) => status.conditions?.find((one) => one.type === type);
  const isObserved = observedGeneration >= (metadata.generation ?? 0);
  const hasCurrentPod = isObserved && updatedReplicas > 0 && replicas === updatedReplicas;
  const rejection = condition('ReplicaFailure');
  return {
    isStopped: spec?.replicas === 0,
    hasCurrentPod,
    isReady: hasCurrentPod && readyReplicas > 0,
    wasReady: isObserved && condition('Progressing')?.reason === 'NewReplicaSetAvailable',
    rejectedSinceMs:
      rejection?.status === 'True' ? Date.parse(rejection.lastTransitionTime ?? '') || 0 : null,
  };
}
