import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import type { ResourceCache } from '@camplane/kubernetes/resource-cache';
import { cameraOfPod } from './camera-keys.ts';

export type PodIndex = {
  podsOf(camera: string): KubernetesObject[];
  /** Cameras with pods. */
  cameras(): Iterable<string>;
};

/** Indexes cached pods by camera. `onChange` is called with the camera of each added, changed or deleted pod. */
export function createPodIndex(
  pods: Pick<ResourceCache<KubernetesObject>, 'get' | 'list' | 'subscribe'>,
  onChange: (camera: string) => void,
): PodIndex {
  const names = new Map<string, Set<string>>();
  const cameras = new Map<string, string>();

  function put(name: string, camera: string | undefined): void {
    const before = cameras.get(name);
    if (before !== undefined && before !== camera) {
      const rest = names.get(before);
      rest?.delete(name);
      if (rest?.size === 0) names.delete(before);
      cameras.delete(name);
    }
    if (camera === undefined) return;
    cameras.set(name, camera);
    names.set(camera, (names.get(camera) ?? new Set()).add(name));
  }

  pods.subscribe((name) => {
    const pod = pods.get(name);
    const before = cameras.get(name);
    const camera = pod && cameraOfPod(pod);
    put(name, camera);
    for (const changed of new Set([before, camera])) if (changed !== undefined) onChange(changed);
  });
  return {
    podsOf: (camera) =>
      [...(names.get(camera) ?? [])].flatMap((name) => {
        const pod = pods.get(name);
        return pod ? [pod] : [];
      }),
    cameras: () => names.keys(),
  };
}
