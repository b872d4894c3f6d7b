import type { Caches } from './caches.ts';
import { cameraOfWorkload, secretOfCamera } from './camera-keys.ts';
import type { PodIndex } from './pod-index.ts';

/**
 * Enqueues the camera of each change. Pod changes arrive through the index instead.
 *
 * @returns enqueues every camera that exists or still has objects
 */
export function enqueueOnChanges(
  caches: Caches,
  pods: PodIndex,
  enqueue: (camera: string) => void,
): () => void {
  const workloads = [caches.deployments, caches.services, caches.configMaps];
  caches.cameras.subscribe(enqueue);
  for (const cache of workloads) {
    cache.subscribe((name) => {
      const camera = cameraOfWorkload(name);
      if (camera !== undefined) enqueue(camera);
    });
  }
  caches.secrets.subscribe((secret) => {
    for (const camera of caches.cameras.list()) {
      if (secretOfCamera(camera) === secret) enqueue(camera.metadata.name);
    }
  });
  return () => {
    for (const { metadata } of caches.cameras.list()) enqueue(metadata.name);
    for (const camera of pods.cameras()) enqueue(camera);
    for (const cache of workloads) {
      for (const { metadata } of cache.list()) {
        const camera = cameraOfWorkload(metadata.name);
        if (camera !== undefined) enqueue(camera);
      }
    }
  };
}
