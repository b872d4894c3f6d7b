import { cameraLabel, workloadName } from '@camplane/contracts/camera-workload';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';

const prefix = workloadName('');

/** The camera whose workload has this name; undefined for another's object. */
export function cameraOfWorkload(name: string): string | undefined {
  return name.startsWith(prefix) && name.length > prefix.length ? name.slice(prefix.length) : undefined;
}

/** The camera that a pod says it belongs to. */
export function cameraOfPod(pod: KubernetesObject): string | undefined {
  return pod.metadata.labels?.[cameraLabel];
}

/** The Secret that a camera names, as far as it can be read before it is parsed. */
export function secretOfCamera(camera: KubernetesObject): string | undefined {
  const { spec } = camera as { spec?: { source?: { credentialsSecretRef?: { name?: unknown } | null } } };
  const name = spec?.source?.credentialsSecretRef?.name;
  return typeof name === 'string' && name !== '' ? name : undefined;
}
