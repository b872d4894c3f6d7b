import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { RequestOptions } from 'node:https';
import { onAbort } from '@camplane/runtime/abort';
import { asError } from '@camplane/runtime/as-error';
import type { KubeConfig } from '@kubernetes/client-node';
import { KubernetesError } from './kubernetes-error.ts';

export type ApiRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Including the query. */
  path: string;
  accept: string;
  body?: { contentType: string; value: unknown };
  /** For the target of a proxied request. */
  headers?: Readonly<Record<string, string>>;
  /** For watches: uses a separate connection instead of the limited pool. */
  isLong?: boolean;
};

export type ApiConnection = {
  /**
   * Sends a request and resolves with the response once its status and headers have arrived. The caller must read or
   * destroy the response; an abort destroys it.
   *
   * @throws KubernetesError `unavailable`, `unauthorized`
   */
  send(request: ApiRequest, signal: AbortSignal): Promise<IncomingMessage>;
  close(): void;
};

const socketsMax = 16;
/** Shorter than the server's own timeout: it could close an idle connection just as a request is sent. */
const idleSocketMs = 30_000;

/** HTTPS to the API server of a kubeconfig. client-node's KubeConfig handles every kind of authentication. */
export function connectToApi(kubeConfig: KubeConfig): ApiConnection {
  const cluster = kubeConfig.getCurrentCluster();
  if (!cluster) throw new Error('the kubeconfig has no current cluster: set its current-context');
  const server = new URL(cluster.server);
  const isTls = server.protocol === 'https:';
  const pooled = { keepAlive: true, timeout: idleSocketMs };
  const agents = {
    short: isTls
      ? new HttpsAgent({ ...pooled, maxSockets: socketsMax })
      : new HttpAgent({ ...pooled, maxSockets: socketsMax }),
    long: isTls ? new HttpsAgent({ keepAlive: false }) : new HttpAgent({ keepAlive: false }),
  };

  async function optionsFor(request: ApiRequest, body: EncodedBody | undefined): Promise<RequestOptions> {
    const options: RequestOptions & { headers: Record<string, string> } = {
      method: request.method,
      headers: {
        ...request.headers,
        accept: request.accept,
        'user-agent': 'camplane',
        // Node.js sets no Content-Length for the body of a DELETE.
        ...(body === undefined
          ? {}
          : { 'content-type': body.contentType, 'content-length': String(body.bytes.length) }),
      },
    };
    try {
      await kubeConfig.applyToHTTPSOptions(options);
    } catch (cause) {
      const reason = asError(cause).message;
      throw new KubernetesError('unauthorized', `cannot authenticate to the cluster's API: ${reason}`, {
        cause,
      });
    }
    // client-node's agents do not keep connections alive, but are needed for a proxy.
    if (cluster?.proxyUrl === undefined) options.agent = request.isLong === true ? agents.long : agents.short;
    return options;
  }

  return {
    async send(request, signal) {
      const body = encode(request.body);
      const options = await optionsFor(request, body);
      const url = new URL(server.href.replace(/\/$/, '') + request.path);
      return new Promise((resolve, reject) => {
        const fail = (cause: unknown) => {
          const reason = asError(cause).message;
          reject(
            new KubernetesError('unavailable', `the cluster's API is unreachable: ${reason}`, { cause }),
          );
        };
        if (signal.aborted) {
          fail(signal.reason);
          return;
        }
        let received: IncomingMessage | undefined;
        const outgoing = (isTls ? httpsRequest : httpRequest)(url, options, (response) => {
          received = response;
          resolve(response);
        });
        const abort = () => (received ?? outgoing).destroy(asError(signal.reason));
        outgoing.once('close', onAbort(signal, abort));
        outgoing.on('error', fail);
        outgoing.end(body?.bytes);
      });
    },
    close() {
      agents.short.destroy();
      agents.long.destroy();
    },
  };
}

type EncodedBody = { contentType: string; bytes: Buffer };

function encode(body: ApiRequest['body']): EncodedBody | undefined {
  return body && { contentType: body.contentType, bytes: Buffer.from(JSON.stringify(body.value)) };
}
