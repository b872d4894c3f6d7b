import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { errorOfResponse } from '@camplane/kubernetes/kubernetes-status';
import type { IncomingMessage } from 'node:http';
import type { Cluster } from './connect.ts';

export type ServiceResponse = { status: number; contentType: string; body: Buffer };

const responseMaxBytes = 16 * 1024 * 1024;
/** A probe observes a camera for up to 40 s. */
const responseTimeoutMs = 50_000;

export type Scheme = 'http' | 'https';

type HttpTarget = {
  scheme: Scheme;
  name: string;
  port: number;
  path: string;
  /** Default: GET. POST needs the permission `create services/proxy`. */
  method?: 'GET' | 'POST';
  headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  body?: unknown;
};

/** The scheme of a port, by its name: control-api with a certificate serves only HTTPS. */
export function schemeOf(service: KubernetesObject, port: number): Scheme {
  const { spec } = service as { spec?: { ports?: { name?: string; port: number }[] } };
  const found = spec?.ports?.find((candidate) => candidate.port === port);
  return found?.name === 'https' ? 'https' : 'http';
}

/**
 * Sends a request to a Service through the API server's proxy. This needs the permission `get services/proxy`, and no port
 * forwarding. Error responses of the Service are returned with their status.
 *
 * @throws KubernetesError if the API server rejects the request or cannot reach the Service
 */
export function requestService(
  cluster: Cluster,
  service: HttpTarget,
  signal: AbortSignal,
): Promise<ServiceResponse> {
  return request(cluster, 'services', service, signal);
}

/** Like {@link requestService}, for a pod, ready or not. Needs the permission `get pods/proxy`. */
export function requestPod(cluster: Cluster, pod: HttpTarget, signal: AbortSignal): Promise<ServiceResponse> {
  return request(cluster, 'pods', pod, signal);
}

async function request(
  cluster: Cluster,
  kind: 'services' | 'pods',
  { scheme, name, port, path, method = 'GET', headers, body: sent }: HttpTarget,
  signal: AbortSignal,
): Promise<ServiceResponse> {
  const proxied = `/api/v1/namespaces/${encodeURIComponent(cluster.namespace)}/${kind}/${scheme}:${name}:${port}/proxy${path}`;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(responseTimeoutMs)]);
  const content = {
    ...(headers && { headers }),
    ...(sent === undefined ? {} : { body: { contentType: 'application/json', value: sent } }),
  };
  const response = await cluster.connection.send({ method, path: proxied, accept: '*/*', ...content }, limit);
  const status = response.statusCode ?? 0;
  const contentType = response.headers['content-type'] ?? '';
  const body = await readBounded(response);
  const error = status >= 400 ? apiServerError(`${method} ${proxied}`, status, body) : undefined;
  if (error) throw error;
  return { status, contentType, body };
}

/** The API server's own errors are `Status` objects; services respond with problem details or readiness. */
function apiServerError(what: string, status: number, body: Buffer): KubernetesError | undefined {
  try {
    const parsed = JSON.parse(body.toString('utf8')) as { kind?: unknown };
    return parsed.kind === 'Status' ? errorOfResponse(what, { status, body: parsed }) : undefined;
  } catch {
    // The proxy reports an unreachable target in plain text.
    const text = body.toString('utf8').trim().slice(0, 200);
    return status >= 502 ? new KubernetesError('unavailable', `${what}: ${text}`, { status }) : undefined;
  }
}

async function readBounded(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > responseMaxBytes) {
      throw new KubernetesError('not-understood', `the response exceeds ${responseMaxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
