import { cameraLabel, workloadLabels } from '@camplane/contracts/camera-workload';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';

export const containerNames = { cameraService: 'camera-service', mediaServer: 'mediamtx' } as const;

type Terminated = { exitCode?: number; signal?: number; reason?: string; message?: string };

export type ContainerStatus = {
  name: string;
  image?: string;
  restartCount?: number;
  /** The startup probe has succeeded. */
  started?: boolean;
  state?: {
    waiting?: { reason?: string; message?: string };
    running?: { startedAt?: string };
    terminated?: Terminated;
  };
  lastState?: { terminated?: Terminated };
};

export type PodCondition = { type: string; status: string; reason?: string; message?: string };

/** The fields used here; any may be missing. */
export type Pod = KubernetesObject & {
  spec?: { nodeName?: string; containers?: { name: string; image?: string }[] };
  status?: {
    phase?: string;
    reason?: string;
    message?: string;
    startTime?: string;
    podIP?: string;
    conditions?: PodCondition[];
    containerStatuses?: ContainerStatus[];
    initContainerStatuses?: ContainerStatus[];
  };
};

export type CameraPods = {
  /** The newest pod that is neither terminating nor finished. */
  current: Pod | null;
  terminating: readonly Pod[];
  /** Finished pods that were not deleted, such as evicted ones. */
  failed: readonly Pod[];
};

export function sortPods(pods: readonly KubernetesObject[], cameraId: string): CameraPods {
  const ownPods = (pods as readonly Pod[])
    .filter(
      ({ metadata }) =>
        metadata.labels?.[cameraLabel] === cameraId &&
        metadata.labels['app.kubernetes.io/name'] === workloadLabels['app.kubernetes.io/name'],
    )
    .toSorted(newestFirst);
  const terminating = ownPods.filter((pod) => pod.metadata.deletionTimestamp !== undefined);
  const staying = ownPods.filter((pod) => pod.metadata.deletionTimestamp === undefined);
  const failed = staying.filter(isFinished);
  return { current: staying.find((pod) => !isFinished(pod)) ?? null, terminating, failed };
}

export function podCondition(pod: Pod, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

export function isPodReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True';
}

/** camera-service first. */
export function containerStatuses(pod: Pod): ContainerStatus[] {
  return [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
}

export function isServiceRunning(pod: Pod): boolean {
  const status = pod.status?.containerStatuses?.find(({ name }) => name === containerNames.cameraService);
  return status?.state?.running !== undefined;
}

function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
}

function newestFirst(a: Pod, b: Pod): number {
  const [createdA, createdB] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  return createdB.localeCompare(createdA) || (b.metadata.uid ?? '').localeCompare(a.metadata.uid ?? '');
}
