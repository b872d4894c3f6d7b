import { workloadName } from '@camplane/contracts/camera-workload';
import type { KubernetesApi } from '@camplane/kubernetes/kubernetes-api';
import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { WallClock } from '@camplane/runtime/clock';
import type { CameraWorld } from '../world.ts';
import type { Caches } from './caches.ts';
import { secretOfCamera } from './camera-keys.ts';
import type { PodIndex } from './pod-index.ts';
import type { Reports } from './reports.ts';
import type { Viewers } from './viewers.ts';

export type Gather = (camera: string, signal: AbortSignal) => Promise<CameraWorld>;

/** Collects a camera's world from the caches. Only a deletion is confirmed with the API server. */
export function createGather(options: {
  api: Pick<KubernetesApi, 'get'>;
  namespace: string;
  caches: Caches;
  podIndex: PodIndex;
  reports: Pick<Reports, 'get'>;
  viewers: Pick<Viewers, 'count'>;
  wallClock: WallClock;
}): Gather {
  const { api, namespace, caches, podIndex, reports, viewers, wallClock } = options;

  /** A cache may be behind, so confirm a deletion before removing the workload. */
  async function confirmDeleted(name: string, signal: AbortSignal): Promise<void> {
    const camera = await api.get(resourceTypes.camera, { namespace, name }, signal);
    if (camera === undefined) return;
    throw new KubernetesError('conflict', `the camera ${name} exists, but is not in the cache yet`);
  }

  return async (name, signal) => {
    const workload = workloadName(name);
    const camera = caches.cameras.get(name) ?? null;
    const secretName = camera ? secretOfCamera(camera) : undefined;
    const world: CameraWorld = {
      namespace,
      name,
      camera,
      deployment: caches.deployments.get(workload) ?? null,
      service: caches.services.get(workload) ?? null,
      configMap: caches.configMaps.get(workload) ?? null,
      pods: podIndex.podsOf(name),
      secret: secretName === undefined ? null : (caches.secrets.get(secretName) ?? null),
      report: reports.get(name),
      viewers: viewers.count(name),
      rejection: null,
      mayReplace: false,
      nowMs: wallClock.epochMs(),
    };
    if (camera === null && hasWorkload(world)) await confirmDeleted(name, signal);
    return world;
  };
}

export function hasWorkload({ deployment, service, configMap }: CameraWorld): boolean {
  return deployment !== null || service !== null || configMap !== null;
}
