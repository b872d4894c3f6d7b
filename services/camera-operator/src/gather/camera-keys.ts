import { cameraLabel, workloadName } from '@camplane/contracts/camera-workload';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';

const prefix = workloadName('');

/** The camera of a workload object; undefined for other objects. */
export function cameraOfWorkload(name: string): string | undefined {
  return name.startsWith(prefix) && name.length > prefix.length ? name.slice(prefix.length) : undefined;
}

export function cameraOfPod(pod: KubernetesObject): string | undefined {
  return pod.metadata.labels?.[cameraLabel];
}

/** The name of a camera's Secret, from the unparsed object. */
export function secretOfCamera(camera: KubernetesObject): string | undefined {
  const { spec } = camera as { spec?: { source?: { credentialsSecretRef?: { name?: unknown } | null } } };
  const name = spec?.source?.credentialsSecretRef?.name;
  return typeof name === 'string' && name !== '' ? name : undefined;
}
