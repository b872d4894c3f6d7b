import { createKubernetesApi } from '@camplane/kubernetes/create-kubernetes-api';
import { loadKubeConfig } from '@camplane/kubernetes/load-kube-config';
import { messageOf } from '@camplane/runtime/message-of';
import type { EnvironmentValues } from '@camplane/service-kit/environment';
import { StartupError } from '@camplane/service-kit/startup-error';
import type { Cluster } from './cameras/open-registry.ts';
import type { environment } from './environment.ts';

/** Sooner than a client of ours gives up. */
const requestTimeoutMs = 10_000;

/**
 * The cluster that the environment names; undefined where cameras are in the database.
 *
 * @throws StartupError with the remedy where it is not said which
 */
export function clusterFrom(
  values: Pick<
    EnvironmentValues<typeof environment>,
    'CAMERA_REGISTRY' | 'CAMPLANE_NAMESPACE' | 'KUBECONFIG'
  >,
): (Cluster & { api: { close(): void } }) | undefined {
  if (values.CAMERA_REGISTRY !== 'kubernetes') return undefined;
  const namespace = values.CAMPLANE_NAMESPACE;
  if (namespace === undefined) {
    throw new StartupError(
      'CAMERA_REGISTRY=kubernetes needs CAMPLANE_NAMESPACE: set the namespace of the cameras',
    );
  }
  try {
    const kubeConfig = loadKubeConfig({ kubeConfigFile: values.KUBECONFIG });
    return { namespace, api: createKubernetesApi({ kubeConfig, limits: { requestTimeoutMs } }) };
  } catch (error) {
    throw new StartupError(messageOf(error), { cause: error });
  }
}
