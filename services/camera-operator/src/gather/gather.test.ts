import { describe, expect, it } from '@jest/globals';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import type { ResourceCache } from '@camplane/kubernetes/resource-cache';
import { createSimulatedClock } from '@camplane/runtime/simulated-clock';
import { cameraId, cameraObject } from '../decide/testing/camera-world.ts';
import type { Caches } from './caches.ts';
import { createGather } from './gather.ts';

function cacheOf(...objects: KubernetesObject[]): ResourceCache<KubernetesObject> {
  const byName = new Map(objects.map((object) => [object.metadata.name, object]));
  return { get: (name: string) => byName.get(name) } as ResourceCache<KubernetesObject>;
}

function gatherOf(caches: Partial<Caches>, onServer?: KubernetesObject) {
  const empty = cacheOf();
  const requested: string[] = [];
  const gather = createGather({
    api: {
      async get(_type, { name }) {
        requested.push(name);
        return onServer as never;
      },
    },
    namespace: 'default',
    caches: {
      ...{ cameras: empty, deployments: empty, services: empty, configMaps: empty, secrets: empty },
      ...{ pods: empty, edgePods: empty },
      ...caches,
    },
    podIndex: { podsOf: () => [], cameras: () => [] },
    reports: { get: () => null },
    viewers: { count: () => 3 },
    wallClock: createSimulatedClock(7),
  });
  return { requested, world: () => gather(cameraId, new AbortController().signal) };
}

const part: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: `camera-${cameraId}`, uid: 'part' },
};
const login: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'login', uid: 'secret' },
};

describe('gather', () => {
  it('reads a camera from the caches', async () => {
    const camera = cameraObject({
      source: { url: 'rtsp://192.0.2.10/1', credentialsSecretRef: { name: 'login' } },
    });
    const { world, requested } = gatherOf({
      ...{ cameras: cacheOf(camera), services: cacheOf(part), secrets: cacheOf(login) },
    });
    expect(await world()).toMatchObject({
      ...{ name: cameraId, camera, service: part, deployment: null, secret: login, viewers: 3, nowMs: 7 },
    });
    expect(requested).toEqual([]);
  });

  it('confirms with the API server that a camera with a workload is deleted', async () => {
    const { world, requested } = gatherOf({ services: cacheOf(part) });
    expect(await world()).toMatchObject({ camera: null, service: part });
    expect(requested).toEqual([cameraId]);
  });

  it('rejects with a conflict if the cache is behind', async () => {
    const { world } = gatherOf({ services: cacheOf(part) }, cameraObject());
    await expect(world()).rejects.toMatchObject({ kind: 'conflict', retryable: true });
  });

  it('sends no request without a workload', async () => {
    const { world, requested } = gatherOf({});
    expect(await world()).toMatchObject({ camera: null });
    expect(requested).toEqual([]);
  });
});
