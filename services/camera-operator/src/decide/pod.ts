import { cameraLabel, workloadLabels } from '@camplane/contracts/camera-workload';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';

/** Names of the two containers of a camera's pod. */
export const containerNames = { cameraService: 'camera-service', mediaServer: 'mediamtx' } as const;

type Ended = { exitCode?: number; signal?: number; reason?: string; message?: string };

export type ContainerStatus = {
  name: string;
  image?: string;
  restartCount?: number;
  /** Its start-up probe has succeeded. */
  started?: boolean;
  state?: {
    waiting?: { reason?: string; message?: string };
    running?: { startedAt?: string };
    terminated?: Ended;
  };
  lastState?: { terminated?: Ended };
};

export type PodCondition = { type: string; status: string; reason?: string; message?: string };

/** Of a pod, what is decided by. As the API server gives it: everything may be absent. */
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

/** The pods of a camera, sorted out. */
export type CameraPods = {
  /** The one that counts: the newest that is to live on; null where there is none. */
  current: Pod | null;
  /** Those on their way out. */
  ending: readonly Pod[];
  /** Those that have ended by themselves and are left lying (evicted, refused by their node). */
  failed: readonly Pod[];
};

export function sortPods(pods: readonly KubernetesObject[], cameraId: string): CameraPods {
  const ours = (pods as readonly Pod[])
    .filter(
      ({ metadata }) =>
        metadata.labels?.[cameraLabel] === cameraId &&
        metadata.labels['app.kubernetes.io/name'] === workloadLabels['app.kubernetes.io/name'],
    )
    .toSorted(newestFirst);
  const ending = ours.filter((pod) => pod.metadata.deletionTimestamp !== undefined);
  const staying = ours.filter((pod) => pod.metadata.deletionTimestamp === undefined);
  const failed = staying.filter(hasEnded);
  return { current: staying.find((pod) => !hasEnded(pod)) ?? null, ending, failed };
}

export function podCondition(pod: Pod, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

export function isPodReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True';
}

/** Both containers' statuses, the camera's first. */
export function containerStatuses(pod: Pod): ContainerStatus[] {
  return [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
}

export function isServiceRunning(pod: Pod): boolean {
  const status = pod.status?.containerStatuses?.find(({ name }) => name === containerNames.cameraService);
  return status?.state?.running !== undefined;
}

function hasEnded(pod: Pod): boolean {
  return pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
}

function newestFirst(a: Pod, b: Pod): number {
  const [made, other] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  return other.localeCompare(made) || (b.metadata.uid ?? '').localeCompare(a.metadata.uid ?? '');
}
