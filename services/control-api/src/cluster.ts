import { createKubernetesApi } from '@camplane/kubernetes/create-kubernetes-api';
import { loadKubeConfig } from '@camplane/kubernetes/load-kube-config';
import { messageOf } from '@camplane/runtime/message-of';
import type { EnvironmentValues } from '@camplane/service-kit/environment';
import { StartupError } from '@camplane/service-kit/startup-error';
import type { Cluster } from './cameras/open-registry.ts';
import type { environment } from './environment.ts';

/** Below the timeout of API clients. */
const requestTimeoutMs = 10_000;

/**
 * The cluster with the cameras; undefined if they are in the database.
 *
 * @throws StartupError with the remedy
 */
export function clusterFrom(
  env: Pick<EnvironmentValues<typeof environment>, 'CAMERA_REGISTRY' | 'CAMPLANE_NAMESPACE' | 'KUBECONFIG'>,
): (Cluster & { api: { close(): void } }) | undefined {
  if (env.CAMERA_REGISTRY !== 'kubernetes') return undefined;
  const namespace = env.CAMPLANE_NAMESPACE;
  if (namespace === undefined) {
    throw new StartupError(
      'CAMERA_REGISTRY=kubernetes needs CAMPLANE_NAMESPACE: set the namespace of the cameras',
    );
  }
  try {
    const kubeConfig = loadKubeConfig({ kubeConfigFile: env.KUBECONFIG });
    return { namespace, api: createKubernetesApi({ kubeConfig, limits: { requestTimeoutMs } }) };
  } catch (error) {
    throw new StartupError(messageOf(error), { cause: error });
  }
}
