import { secretRefusalFor } from '@camplane/contracts/camera-secret';
import type { CameraResourceSpec } from '@camplane/contracts/camera-resource';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { mounts } from './containers.ts';
import type { Observation } from './readiness.ts';

type Reference = CameraResourceSpec['source']['credentialsSecretRef'];

/**
 * The spec without the reference to a Secret that the pod must not mount. A missing Secret is not mounted either,
 * although the volume is optional: it may be created later without permission, and the kubelet would mount it at once.
 */
export function withMountedSecret(observation: Observation, spec: CameraResourceSpec): CameraResourceSpec {
  const { source } = spec;
  const credentialsSecretRef = mayMount(observation, source.credentialsSecretRef)
    ? source.credentialsSecretRef
    : null;
  return { ...spec, source: { ...source, credentialsSecretRef } };
}

function mayMount({ world, camera }: Observation, ref: Reference): boolean {
  if (ref === null) return false;
  if (world.secret !== null) return secretRefusalFor(camera.uid, world.secret.metadata) === null;
  // Secrets are also changed by deleting and creating them again: the pod stays.
  return world.deployment !== null && mountedSecretOf(world.deployment) === ref.name;
}

function mountedSecretOf(deployment: KubernetesObject): string | undefined {
  const { spec } = deployment as {
    spec?: { template?: { spec?: { volumes?: { name: string; secret?: { secretName?: string } }[] } } };
  };
  return spec?.template?.spec?.volumes?.find(({ name }) => name === mounts.credentials.name)?.secret
    ?.secretName;
}
