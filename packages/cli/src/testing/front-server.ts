import type { TestKubernetesApi } from '@camplane/testkit/kubernetes';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';

/**
 * Responds in place of a kubelet. `service` is `NAME:PORT`, preceded by `https:` over TLS, or `pod NAME:PORT` for a pod;
 * `path` is the part after `/proxy`, or the query of a log request.
 */
export type NodeResponder = (
  target: { method: string; service: string; path: string; headers: IncomingHttpHeaders },
  response: ServerResponse,
) => void;

/**
 * A proxy in front of a real API server without nodes. It responds to requests that the API server would forward to a
 * node (proxied Services and pods, logs) and forwards all others.
 */
export async function startFrontServer(
  kubernetes: TestKubernetesApi,
  respond: NodeResponder,
): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    const target = targetOf(request.url ?? '');
    if (target) respond({ ...target, method: request.method ?? '', headers: request.headers }, response);
    else forward(kubernetes, request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function targetOf(url: string): { service: string; path: string } | undefined {
  const proxied = /\/(services|pods)\/(?:http:)?((?:https:)?[^/:]+:[^/]+)\/proxy(\/.*)$/.exec(url);
  const [, kind, name = '', path = ''] = proxied ?? [];
  if (kind !== undefined) return { service: kind === 'pods' ? `pod ${name}` : name, path };
  const log = /\/pods\/([^/]+)\/log(\?.*)?$/.exec(url);
  return log ? { service: `log of ${log[1]}`, path: log[2] ?? '' } : undefined;
}

function forward(kubernetes: TestKubernetesApi, request: IncomingMessage, response: ServerResponse): void {
  const { host: _host, ...headers } = request.headers;
  const outgoing = httpsRequest(
    new URL(request.url ?? '', kubernetes.url),
    { method: request.method, headers, ca: kubernetes.certificateAuthority },
    (incoming) => {
      response.writeHead(incoming.statusCode ?? 500, incoming.headers);
      incoming.pipe(response);
    },
  );
  outgoing.on('error', () => response.destroy());
  response.on('close', () => outgoing.destroy());
  request.pipe(outgoing);
}
