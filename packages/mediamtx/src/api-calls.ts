import type { z } from 'zod';
import { errorResponseSchema, pageSchema } from './api-responses.ts';
import { MediaServerError } from './media-server-error.ts';

export type ApiCallOptions = {
  /** As `http://127.0.0.1:9997`. */
  baseUrl: string;
  /** Sent as basic authentication, where the API is protected by the auth hook. */
  credentials?: { username: string; password: string };
  requestTimeoutMs?: number;
  fetch?: typeof fetch;
};

export type ApiCall = { method: string; path: string; body?: unknown; signal: AbortSignal | undefined };

/** All methods throw {@link MediaServerError}. */
export type ApiCalls = {
  /** One attempt. */
  call(call: ApiCall): Promise<unknown>;
  /** For idempotent calls: retries once, since a kept-alive connection can break just as it is reused. */
  callIdempotent(call: ApiCall): Promise<unknown>;
  get<T extends z.ZodType>(path: string, schema: T, signal?: AbortSignal): Promise<z.output<T>>;
  /** Reads all pages. */
  list<T extends z.ZodType>(path: string, item: T, signal?: AbortSignal): Promise<z.output<T>[]>;
};

const itemsPerPage = 500;
const pagesMax = 100;

/** Calls of MediaMTX's control API with a time limit. */
export function createApiCalls(options: ApiCallOptions): ApiCalls {
  const { baseUrl, credentials, requestTimeoutMs = 2000 } = options;
  const send = options.fetch ?? fetch;
  const authorization =
    credentials === undefined
      ? undefined
      : `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;

  async function call({ method, path, body, signal }: ApiCall): Promise<unknown> {
    const limit = AbortSignal.timeout(requestTimeoutMs);
    const what = `${method} ${path.split('?', 1)[0] ?? ''}`;
    let response: Response;
    let text: string;
    try {
      response = await send(`${baseUrl}/v3${path}`, {
        method,
        redirect: 'error',
        signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
        headers: {
          ...(authorization === undefined ? {} : { authorization }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      text = await response.text();
    } catch (cause) {
      signal?.throwIfAborted();
      throw limit.aborted
        ? new MediaServerError(
            'timed-out',
            `MediaMTX did not respond to ${what} within ${requestTimeoutMs} ms`,
            {
              cause,
            },
          )
        : new MediaServerError('unreachable', `MediaMTX is unreachable at ${baseUrl} (${what})`, { cause });
    }
    const parsed = parseJson(text);
    if (response.ok) return parsed;
    throw refusalOf(what, response.status, parsed);
  }

  async function callIdempotent(request: ApiCall): Promise<unknown> {
    try {
      return await call(request);
    } catch (error) {
      if (!(error instanceof MediaServerError) || error.kind !== 'unreachable') throw error;
      return call(request);
    }
  }

  async function get<T extends z.ZodType>(
    path: string,
    schema: T,
    signal?: AbortSignal,
  ): Promise<z.output<T>> {
    const parsed = schema.safeParse(await callIdempotent({ method: 'GET', path, signal }));
    if (parsed.success) return parsed.data;
    throw new MediaServerError(
      'unexpected-response',
      `MediaMTX returned an unknown response to GET ${path}`,
      {
        cause: parsed.error,
      },
    );
  }

  async function list<T extends z.ZodType>(
    path: string,
    item: T,
    signal?: AbortSignal,
  ): Promise<z.output<T>[]> {
    const items: z.output<T>[] = [];
    for (let page = 0; page < pagesMax; page += 1) {
      const response = await get(
        `${path}?itemsPerPage=${itemsPerPage}&page=${page}`,
        pageSchema(item),
        signal,
      );
      items.push(...response.items);
      if (page + 1 >= response.pageCount) return items;
    }
    throw new MediaServerError(
      'unexpected-response',
      `MediaMTX lists more than ${itemsPerPage * pagesMax} items`,
    );
  }

  return { call, callIdempotent, get, list };
}

function refusalOf(what: string, status: number, body: unknown): MediaServerError {
  const parsed = errorResponseSchema.safeParse(body);
  const reason = parsed.success ? parsed.data.error : `HTTP status ${status}`;
  const kind = status === 404 ? 'not-found' : status >= 500 ? 'unexpected-response' : 'refused';
  return new MediaServerError(kind, `MediaMTX refused ${what}: ${reason}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
