import { parseBody, readText } from '@camplane/kubernetes/response-body';
import { errorOfResponse } from '@camplane/kubernetes/kubernetes-status';
import type { Cluster } from '../connect.ts';

const responseMaxBytes = 16 * 1024 * 1024;
const responseTimeoutMs = 15_000;

/** GETs a path of the API server outside a namespace. @throws KubernetesError */
export async function requestApi(cluster: Cluster, path: string, signal: AbortSignal): Promise<unknown> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(responseTimeoutMs)]);
  const response = await cluster.connection.send({ method: 'GET', path, accept: 'application/json' }, limit);
  const body = parseBody(await readText(response, responseMaxBytes));
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return body;
  throw errorOfResponse(`GET ${path}`, { status, body });
}
