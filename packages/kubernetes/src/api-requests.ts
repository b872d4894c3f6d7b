import type { IncomingMessage } from 'node:http';
import { onAbort } from '@camplane/runtime/abort';
import { messageOf } from '@camplane/runtime/message-of';
import type { ApiConnection, ApiRequest } from './api-connection.ts';
import { KubernetesError } from './kubernetes-error.ts';
import { errorOfResponse } from './kubernetes-status.ts';
import { parseBody, readText } from './response-body.ts';
import { startTimeLimit } from './time-limit.ts';

export type ApiRequestLimits = {
  /** From sending a request to the end of its response; of a watch, to its first byte. */
  requestTimeoutMs: number;
  responseMaxBytes: number;
};

export type ApiRequests = {
  /** Sends a request and reads the whole response, of any status. */
  exchange(
    request: ApiRequest,
    signal: AbortSignal | undefined,
  ): Promise<{ response: IncomingMessage; text: string }>;
  /** Returns the parsed body. @throws KubernetesError for any other status than success */
  fetchBody(request: ApiRequest, signal: AbortSignal | undefined): Promise<unknown>;
  /**
   * Reads a streaming response until the server ends it.
   *
   * @throws KubernetesError `silent` if nothing arrives for `silenceMaxMs`
   */
  stream(
    request: ApiRequest,
    options: { silenceMaxMs: number; onChunk: (chunk: Buffer) => void },
    signal: AbortSignal,
  ): Promise<void>;
};

/** Requests with time limits over a connection. */
export function createApiRequests(connection: ApiConnection, limits: ApiRequestLimits): ApiRequests {
  async function exchange(request: ApiRequest, signal: AbortSignal | undefined) {
    const limit = startTimeLimit(limits.requestTimeoutMs, signal);
    try {
      const response = await connection.send(request, limit.signal);
      return { response, text: await readText(response, limits.responseMaxBytes) };
    } finally {
      limit.end();
    }
  }

  return {
    exchange,

    async fetchBody(request, signal) {
      const { response, text } = await exchange(request, signal);
      const body = parseBody(text);
      if (isSuccess(response)) return body;
      throw errorOf(request, response, body);
    },

    async stream(request, { silenceMaxMs, onChunk }, signal) {
      const start = startTimeLimit(limits.requestTimeoutMs, signal);
      const response = await connection.send(request, start.signal).finally(() => start.end());
      const silence = startTimeLimit(silenceMaxMs, signal);
      onAbort(silence.signal, () => response.destroy());
      try {
        if (!isSuccess(response)) {
          throw errorOf(request, response, parseBody(await readText(response, limits.responseMaxBytes)));
        }
        for await (const chunk of response as AsyncIterable<Buffer>) {
          silence.restart();
          onChunk(chunk);
        }
      } catch (cause) {
        if (cause instanceof KubernetesError) throw cause;
        const what = describe(request);
        if (cause instanceof RangeError) {
          throw new KubernetesError('not-understood', `${what}: ${cause.message}`, { cause });
        }
        if (silence.isOver) {
          throw new KubernetesError('silent', `${what}: nothing received for ${silenceMaxMs} ms`, { cause });
        }
        throw new KubernetesError('unavailable', `${what}: connection lost: ${messageOf(cause)}`, { cause });
      } finally {
        silence.end();
        response.destroy();
      }
    },
  };
}

export function isSuccess(response: IncomingMessage): boolean {
  const status = response.statusCode ?? 0;
  return status >= 200 && status < 300;
}

export function errorOf(request: ApiRequest, response: IncomingMessage, body: unknown): KubernetesError {
  const status = response.statusCode ?? 0;
  return errorOfResponse(describe(request), { status, retryAfter: response.headers['retry-after'], body });
}

/** Without the query, which may be long. */
function describe(request: ApiRequest): string {
  return `${request.method} ${request.path.split('?', 1)[0] ?? ''}`;
}
