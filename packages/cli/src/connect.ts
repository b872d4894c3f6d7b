import { connectToApi } from '@camplane/kubernetes/api-connection';
import type { ApiConnection } from '@camplane/kubernetes/api-connection';
import { createKubernetesApi } from '@camplane/kubernetes/create-kubernetes-api';
import type { KubernetesApi } from '@camplane/kubernetes/kubernetes-api';
import { KubeConfig } from '@kubernetes/client-node';
import { existsSync } from 'node:fs';
import { messageOf } from '@camplane/runtime/message-of';
import { CommandError, UsageError } from './usage-error.ts';

export type ClusterOptions = {
  namespace: string | undefined;
  kubeconfig: string | undefined;
  context: string | undefined;
};

/** A cluster as kubectl would reach it, with the rights of whoever asks. */
export type Cluster = {
  api: KubernetesApi;
  /** For what is no object: versions, logs that go on, what Services answer. */
  connection: ApiConnection;
  namespace: string;
  /** The API server's address. */
  server: string;
  context: string;
  close(): void;
};

const requestTimeoutMs = 15_000;

/** @throws UsageError, CommandError where no cluster is named; nothing is asked of it yet */
export function connect(options: ClusterOptions): Cluster {
  const kubeConfig = load(options);
  const cluster = kubeConfig.getCurrentCluster();
  // Where client-node finds nothing it takes this address, at which a cluster without any login once was.
  if (!cluster || cluster.server === 'http://localhost:8080') {
    throw new CommandError('no cluster configured: set KUBECONFIG, or give --kubeconfig or --context');
  }
  const context = kubeConfig.getContextObject(kubeConfig.getCurrentContext());
  const api = createKubernetesApi({ kubeConfig, limits: { requestTimeoutMs } });
  const connection = connectToApi(kubeConfig);
  return {
    api,
    connection,
    namespace: options.namespace ?? context?.namespace ?? 'default',
    server: cluster.server,
    context: kubeConfig.getCurrentContext(),
    close: () => {
      api.close();
      connection.close();
    },
  };
}

/** KUBECONFIG (several files too), ~/.kube/config and a pod's service account are client-node's to find. */
function load({ kubeconfig, context }: ClusterOptions): KubeConfig {
  const kubeConfig = new KubeConfig();
  if (kubeconfig !== undefined && !existsSync(kubeconfig)) {
    throw new UsageError(`--kubeconfig names a file that is not there: ${kubeconfig}`);
  }
  try {
    if (kubeconfig === undefined) kubeConfig.loadFromDefault(undefined, false);
    else kubeConfig.loadFromFile(kubeconfig);
  } catch (cause) {
    const reason = messageOf(cause);
    throw new CommandError(`the kubeconfig cannot be used: ${reason}`, { cause });
  }
  if (context === undefined) return kubeConfig;
  const known = kubeConfig.getContexts().map(({ name }) => name);
  if (!known.includes(context)) {
    throw new UsageError(`there is no context '${context}': known are ${known.join(', ') || 'none'}`);
  }
  kubeConfig.setCurrentContext(context);
  return kubeConfig;
}
