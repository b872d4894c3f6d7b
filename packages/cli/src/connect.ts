import { connectToApi } from '@camplane/kubernetes/api-connection';
import type { ApiConnection } from '@camplane/kubernetes/api-connection';
import { createKubernetesApi } from '@camplane/kubernetes/create-kubernetes-api';
import type { KubernetesApi } from '@camplane/kubernetes/kubernetes-api';
import { KubeConfig } from '@kubernetes/client-node';
import { existsSync } from 'node:fs';
import { messageOf } from '@camplane/runtime/message-of';
import { CommandError, UsageError } from './command-errors.ts';

export type ClusterOptions = {
  namespace: string | undefined;
  kubeconfig: string | undefined;
  context: string | undefined;
};

/** A cluster, connected like kubectl, with the user's permissions. */
export type Cluster = {
  api: KubernetesApi;
  /** For requests that are not about objects: version, logs, proxied Services. */
  connection: ApiConnection;
  namespace: string;
  /** The API server's address. */
  server: string;
  context: string;
  close(): void;
};

const requestTimeoutMs = 15_000;

/** Sends no request yet. @throws UsageError, CommandError if no cluster is configured */
export function connect(options: ClusterOptions): Cluster {
  const kubeConfig = load(options);
  const cluster = kubeConfig.getCurrentCluster();
  // client-node's default if it finds no configuration.
  if (!cluster || cluster.server === 'http://localhost:8080') {
    throw new CommandError('no cluster configured: set KUBECONFIG or use --kubeconfig or --context');
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

/** client-node finds KUBECONFIG (one or more files), ~/.kube/config or a pod's service account. */
function load({ kubeconfig, context }: ClusterOptions): KubeConfig {
  const kubeConfig = new KubeConfig();
  if (kubeconfig !== undefined && !existsSync(kubeconfig)) {
    throw new UsageError(`the file of --kubeconfig does not exist: ${kubeconfig}`);
  }
  try {
    if (kubeconfig === undefined) kubeConfig.loadFromDefault(undefined, false);
    else kubeConfig.loadFromFile(kubeconfig);
  } catch (cause) {
    const reason = messageOf(cause);
    throw new CommandError(`cannot load the kubeconfig: ${reason}`, { cause });
  }
  if (context === undefined) return kubeConfig;
  const known = kubeConfig.getContexts().map(({ name }) => name);
  if (!known.includes(context)) {
    throw new UsageError(`unknown context '${context}', use one of: ${known.join(', ') || 'none'}`);
  }
  kubeConfig.setCurrentContext(context);
  return kubeConfig;
}
