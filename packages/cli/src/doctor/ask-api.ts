import { parseBody, readText } from '@camplane/kubernetes/response-body';
import { errorOfResponse } from '@camplane/kubernetes/kubernetes-status';
import type { Cluster } from '../connect.ts';

const answerMaxBytes = 16 * 1024 * 1024;
const answerTimeoutMs = 15_000;

/** What the API has that is in no namespace, or in all. @throws KubernetesError */
export async function askApi(cluster: Cluster, path: string, signal: AbortSignal): Promise<unknown> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]);
  const response = await cluster.connection.send({ method: 'GET', path, accept: 'application/json' }, limit);
  const body = parseBody(await readText(response, answerMaxBytes));
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return body;
  throw errorOfResponse(`GET ${path}`, { status, body });
}
