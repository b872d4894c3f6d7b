import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { json, text } from 'node:stream/consumers';

export type ApiRequest = {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Including the query: `/api/v1/namespaces?limit=5`. */
  path: string;
  /** A string is sent unchanged, for example YAML; anything else as JSON. */
  body?: unknown;
  /** Of the body; determines the kind of a patch. */
  contentType?: string;
  accept?: string;
  timeoutMs?: number;
};

/** `body` is the parsed JSON, or the text of another content type. */
export type ApiAnswer = { status: number; body: unknown };

const defaultTimeoutMs = 30_000;

/** Plain requests to an API server, including what client libraries hide, such as tables and dry runs. */
export function createApiClient(options: { url: string; token: string; certificateAuthority: string }) {
  const agent = new Agent({ keepAlive: true, maxSockets: 8, ca: options.certificateAuthority });
  return {
    async request(request: ApiRequest): Promise<ApiAnswer> {
      const { method = 'GET', path, body, contentType = 'application/json' } = request;
      const { timeoutMs = defaultTimeoutMs } = request;
      const outgoing = httpsRequest(new URL(path, options.url), {
        agent,
        method,
        headers: {
          authorization: `Bearer ${options.token}`,
          accept: request.accept ?? 'application/json',
          ...(body === undefined ? {} : { 'content-type': contentType }),
        },
        signal: AbortSignal.timeout(timeoutMs),
      });
      outgoing.end(typeof body === 'string' || body === undefined ? body : JSON.stringify(body));
      const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
      const isJson = response.headers['content-type']?.startsWith('application/json') ?? false;
      return { status: response.statusCode ?? 0, body: await (isJson ? json(response) : text(response)) };
    },
    close(): void {
      agent.destroy();
    },
  };
}
