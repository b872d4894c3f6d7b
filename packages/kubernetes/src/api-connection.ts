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
  /** With its query. */
  path: string;
  accept: string;
  body?: { contentType: string; value: unknown };
  /** Of a watch: it does not wait for one of the few connections that other requests share. */
  isLong?: boolean;
};

export type ApiConnection = {
  /**
   * Sends a request and resolves when the answer's status and headers are there. The answer is to be read or
   * destroyed; the signal's abort destroys it.
   *
   * @throws KubernetesError `unavailable`, `unauthorized`
   */
  send(request: ApiRequest, signal: AbortSignal): Promise<IncomingMessage>;
  close(): void;
};

const socketsMax = 16;
/** A server that closes a connection just as it is used again breaks that request, so the idle are closed earlier. */
const idleSocketMs = 30_000;

/** HTTPS to the API server of a kubeconfig, with its login: client-node's KubeConfig knows every kind of it. */
export function connectToApi(kubeConfig: KubeConfig): ApiConnection {
  const cluster = kubeConfig.getCurrentCluster();
  if (!cluster) throw new Error('the kubeconfig names no cluster: set its current-context');
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
        accept: request.accept,
        'user-agent': 'camplane',
        // Of a DELETE, Node.js itself would not say that it has a body.
        ...(body === undefined
          ? {}
          : { 'content-type': body.contentType, 'content-length': String(body.bytes.length) }),
      },
    };
    try {
      await kubeConfig.applyToHTTPSOptions(options);
    } catch (cause) {
      const reason = asError(cause).message;
      throw new KubernetesError('unauthorized', `there is no login to the cluster's API: ${reason}`, {
        cause,
      });
    }
    // client-node's own agents keep no connection open; those to a proxy it alone can make.
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
            new KubernetesError('unavailable', `the cluster's API cannot be reached: ${reason}`, { cause }),
          );
        };
        if (signal.aborted) {
          fail(signal.reason);
          return;
        }
        let answer: IncomingMessage | undefined;
        const outgoing = (isTls ? httpsRequest : httpRequest)(url, options, (response) => {
          answer = response;
          resolve(response);
        });
        const abort = () => (answer ?? outgoing).destroy(asError(signal.reason));
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
