import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import { errorOfResponse } from '@camplane/kubernetes/kubernetes-status';
import type { IncomingMessage } from 'node:http';
import type { Cluster } from './connect.ts';

export type ServiceAnswer = { status: number; contentType: string; body: Buffer };

const answerMaxBytes = 16 * 1024 * 1024;
const answerTimeoutMs = 20_000;

type Asked = { name: string; port: number; path: string };

/**
 * Asks a Service of the namespace over HTTP, through the API server's proxy: no port is forwarded, and the right that
 * is needed is `get` of `services/proxy`. The Service's own refusals are answers, with their status.
 *
 * @throws KubernetesError where it is the API server that refuses, or the Service cannot be reached
 */
export function askService(cluster: Cluster, service: Asked, signal: AbortSignal): Promise<ServiceAnswer> {
  return ask(cluster, 'services', service, signal);
}

/** As {@link askService}, of a pod, which need not be ready; the right is `get` of `pods/proxy`. */
export function askPod(cluster: Cluster, pod: Asked, signal: AbortSignal): Promise<ServiceAnswer> {
  return ask(cluster, 'pods', pod, signal);
}

async function ask(
  cluster: Cluster,
  kind: 'services' | 'pods',
  { name, port, path }: Asked,
  signal: AbortSignal,
): Promise<ServiceAnswer> {
  const proxied = `/api/v1/namespaces/${encodeURIComponent(cluster.namespace)}/${kind}/http:${name}:${port}/proxy${path}`;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]);
  const response = await cluster.connection.send({ method: 'GET', path: proxied, accept: '*/*' }, limit);
  const status = response.statusCode ?? 0;
  const contentType = response.headers['content-type'] ?? '';
  const body = await readBounded(response);
  const refusal = status >= 400 ? refusalOf(`GET ${proxied}`, status, body) : undefined;
  if (refusal) throw refusal;
  return { status, contentType, body };
}

/** What the API server itself says is a `Status`; services answer with problems or readiness. */
function refusalOf(what: string, status: number, body: Buffer): KubernetesError | undefined {
  try {
    const parsed = JSON.parse(body.toString('utf8')) as { kind?: unknown };
    return parsed.kind === 'Status' ? errorOfResponse(what, { status, body: parsed }) : undefined;
  } catch {
    // The proxy says in plain text that nobody answers behind it.
    const text = body.toString('utf8').trim().slice(0, 200);
    return status >= 502 ? new KubernetesError('unavailable', `${what}: ${text}`, { status }) : undefined;
  }
}

async function readBounded(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > answerMaxBytes) {
      throw new KubernetesError('not-understood', `an answer is longer than ${answerMaxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
