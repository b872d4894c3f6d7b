import { cameraLabel } from '@camplane/contracts/camera-workload';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { z } from 'zod';
import type { Cluster } from './connect.ts';

const containerSchema = z.object({
  name: z.string(),
  ready: z.boolean().catch(false),
  restartCount: z.number().catch(0),
  state: z
    .object({
      waiting: z.object({ reason: z.string().catch('') }).optional(),
      terminated: z.object({ reason: z.string().catch('') }).optional(),
    })
    .optional()
    .catch(undefined),
});

const podSchema = z.object({
  spec: z.object({
    nodeName: z.string().catch(''),
    containers: z.array(z.object({ name: z.string() })),
    initContainers: z.array(z.object({ name: z.string(), restartPolicy: z.string().optional() })).catch([]),
  }),
  status: z
    .object({
      phase: z.string().catch(''),
      containerStatuses: z.array(containerSchema).catch([]),
      initContainerStatuses: z.array(containerSchema).catch([]),
    })
    .catch({ phase: '', containerStatuses: [], initContainerStatuses: [] }),
});

export type PodView = {
  name: string;
  createdAt: string | undefined;
  isTerminating: boolean;
  phase: string;
  /** Why a container does not run, such as `CrashLoopBackOff`. */
  trouble: string;
  node: string;
  /** Includes sidecars, excludes other init containers. */
  containers: string[];
  ready: number;
  restarts: number;
};

/** The pods of a camera, newest first. There are two only during a replacement. */
export function podsOf(cluster: Cluster, cameraId: string, signal: AbortSignal): Promise<PodView[]> {
  return selectPods(cluster, `${cameraLabel}=${cameraId}`, signal);
}

/** Newest first. */
export async function selectPods(
  cluster: Cluster,
  labelSelector: string,
  signal: AbortSignal,
): Promise<PodView[]> {
  const selection = { namespace: cluster.namespace, labelSelector };
  const { items } = await cluster.api.list(resourceTypes.pod, selection, signal);
  return items.flatMap(podView).sort((a, b) => ((a.createdAt ?? '') < (b.createdAt ?? '') ? 1 : -1));
}

function podView(object: KubernetesObject): PodView[] {
  const parsed = podSchema.safeParse(object);
  if (!parsed.success) return [];
  const { spec, status } = parsed.data;
  const sidecars = spec.initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const containers = [...spec.containers, ...sidecars].map(({ name }) => name);
  const statuses = [...status.containerStatuses, ...status.initContainerStatuses].filter(({ name }) =>
    containers.includes(name),
  );
  const reasons = statuses.map(({ state }) => state?.waiting?.reason ?? state?.terminated?.reason ?? '');
  return [
    {
      name: object.metadata.name,
      createdAt: object.metadata.creationTimestamp,
      isTerminating: object.metadata.deletionTimestamp !== undefined,
      phase: status.phase,
      trouble: reasons.find((reason) => reason !== '') ?? '',
      node: spec.nodeName,
      containers,
      ready: statuses.filter(({ ready }) => ready).length,
      restarts: statuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
    },
  ];
}
