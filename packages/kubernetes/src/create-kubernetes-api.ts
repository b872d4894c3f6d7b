import type { KubeConfig } from '@kubernetes/client-node';
import { connectToApi } from './api-connection.ts';
import { createApiRequests } from './api-requests.ts';
import type { ApiRequestLimits } from './api-requests.ts';
import type { KubernetesApi } from './kubernetes-api.ts';
import { createReadOperations } from './read-operations.ts';
import type { ReadLimits } from './read-operations.ts';
import { createWriteOperations } from './write-operations.ts';

export type KubernetesApiLimits = ApiRequestLimits & ReadLimits;

export const defaultKubernetesApiLimits: KubernetesApiLimits = {
  requestTimeoutMs: 30_000,
  responseMaxBytes: 64 * 1024 * 1024,
  pageSize: 200,
  pagesMax: 500,
  eventMaxBytes: 4 * 1024 * 1024,
  logMaxBytes: 1024 * 1024,
  silenceMaxMs: 150_000,
  watchMinSeconds: 300,
};

/** Requests to the API server of a kubeconfig; see {@link KubernetesApi}. `close` closes idle connections. */
export function createKubernetesApi(options: {
  kubeConfig: KubeConfig;
  limits?: Partial<KubernetesApiLimits>;
  random?: () => number;
}): KubernetesApi & { close(): void } {
  const { kubeConfig, random = Math.random } = options;
  const limits = { ...defaultKubernetesApiLimits, ...options.limits };
  const connection = connectToApi(kubeConfig);
  const requests = createApiRequests(connection, limits);
  return {
    ...createReadOperations(requests, limits, random),
    ...createWriteOperations(requests),
    close: () => connection.close(),
  };
}
