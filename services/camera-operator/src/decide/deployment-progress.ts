import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import type { PodCondition } from './pod.ts';

/** Of a Deployment, what its controller is asked for and what it says. As the API server gives it. */
type DeploymentRead = KubernetesObject & {
  spec?: { replicas?: number };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    readyReplicas?: number;
    conditions?: (PodCondition & { lastTransitionTime?: string })[];
  };
};

/** How far the controller has come. Its words agree with each other, which two caches need not. */
export type DeploymentProgress = {
  /** A camera that is stopped has no pod, and shall have none. */
  isStopped: boolean;
  /** The pod before is gone, and one of the template as it is now is there. */
  hasItsPod: boolean;
  isReady: boolean;
  /** A pod of the template as it is now was ready once; it stays said when the pod fails. */
  wasReady: boolean;
  /** Since when no pod can be made (ms since the epoch); null: it can. */
  refusedSinceMs: number | null;
};

export function progressOf(deployment: KubernetesObject): DeploymentProgress {
  const { metadata, spec, status = {} } = deployment as DeploymentRead;
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, readyReplicas = 0 } = status;
  const condition = (type: string) => status.conditions?.find((one) => one.type === type);
  const isObserved = observedGeneration >= (metadata.generation ?? 0);
  const hasItsPod = isObserved && updatedReplicas > 0 && replicas === updatedReplicas;
  const refused = condition('ReplicaFailure');
  return {
    isStopped: spec?.replicas === 0,
    hasItsPod,
    isReady: hasItsPod && readyReplicas > 0,
    wasReady: isObserved && condition('Progressing')?.reason === 'NewReplicaSetAvailable',
    refusedSinceMs: refused?.status === 'True' ? Date.parse(refused.lastTransitionTime ?? '') || 0 : null,
  };
}
