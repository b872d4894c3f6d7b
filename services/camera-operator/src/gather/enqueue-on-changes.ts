import type { Caches } from './caches.ts';
import { cameraOfWorkload, secretOfCamera } from './camera-keys.ts';
import type { PodIndex } from './pod-index.ts';

/**
 * Wakes the camera that a change concerns. Changes of pods come by the index.
 *
 * @returns wakes every camera that there is, or of which something is left
 */
export function wakeOnChanges(caches: Caches, pods: PodIndex, wake: (camera: string) => void): () => void {
  const workloads = [caches.deployments, caches.services, caches.configMaps];
  caches.cameras.subscribe(wake);
  for (const cache of workloads) {
    cache.subscribe((name) => {
      const camera = cameraOfWorkload(name);
      if (camera !== undefined) wake(camera);
    });
  }
  caches.secrets.subscribe((secret) => {
    for (const camera of caches.cameras.list()) {
      if (secretOfCamera(camera) === secret) wake(camera.metadata.name);
    }
  });
  return () => {
    for (const { metadata } of caches.cameras.list()) wake(metadata.name);
    for (const camera of pods.cameras()) wake(camera);
    for (const cache of workloads) {
      for (const { metadata } of cache.list()) {
        const camera = cameraOfWorkload(metadata.name);
        if (camera !== undefined) wake(camera);
      }
    }
  };
}
