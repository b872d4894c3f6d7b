import { operations } from '@camplane/contracts/operations';
import type { Operation } from '@camplane/contracts/operation';
import type { HttpOperationId } from '@camplane/contracts/operations';
import { ApiError } from './api-error.ts';
import { operationUrl } from './operation-url.ts';
import type { RawInput } from './operation-url.ts';

export type ApiConnection = {
  /** An origin such as `http://127.0.0.1:8080`; '' for the origin of the page. */
  baseUrl: string;
  fetch?: typeof globalThis.fetch;
  /** Sent with every request. */
  headers?: Readonly<Record<string, string>>;
  timeoutMs?: number;
};

export type CallOptions = {
  signal?: AbortSignal;
  timeoutMs?: number;
  /** Sent with this request, such as `if-match`. */
  headers?: Readonly<Record<string, string>>;
  /** Receives the headers of the answer, such as `ETag`. */
  onHeaders?: (headers: Headers) => void;
};

export type RawAnswer = {
  status: number;
  headers: Headers;
  /** Parsed JSON, text, or bytes, by content type; `undefined` when empty. */
  body: unknown;
};

/** Snapshots and probes wait for a camera. */
const timeoutMsDefault = 20_000;

/**
 * Sends a request and returns the response, error responses included.
 *
 * @throws ApiError `unreachable` or `timed-out`; the reason of `signal` if that is aborted
 */
export async function sendOperation(
  connection: ApiConnection,
  id: HttpOperationId,
  input: RawInput = {},
  options: CallOptions = {},
): Promise<RawAnswer> {
  const { fetch = globalThis.fetch, baseUrl } = connection;
  const timeoutMs = options.timeoutMs ?? connection.timeoutMs ?? timeoutMsDefault;
  const timeout = AbortSignal.timeout(timeoutMs);
  const { signal } = options;
  const hasBody = input.body !== undefined;
  const [bodyType = 'application/json'] = (operations[id] as Operation).bodyTypes ?? [];
  try {
    const response = await fetch(operationUrl(baseUrl, id, input), {
      method: operations[id].method.toUpperCase(),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      headers: {
        accept: 'application/json, */*;q=0.1',
        ...(hasBody ? { 'content-type': bodyType } : {}),
        ...connection.headers,
        ...options.headers,
      },
      ...(hasBody
        ? { body: /\bjson$/.test(bodyType) ? JSON.stringify(input.body) : String(input.body) }
        : {}),
    });
    const { status, headers } = response;
    options.onHeaders?.(headers);
    return { status, headers, body: await readBody(response) };
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    if (timeout.aborted) {
      throw new ApiError(`The server did not answer within ${timeoutMs / 1000} s.`, {
        code: 'timed-out',
        cause,
      });
    }
    throw new ApiError('The server cannot be reached.', { code: 'unreachable', cause });
  }
}

async function readBody(response: Response): Promise<unknown> {
  if (/^image\//.test(response.headers.get('content-type') ?? '')) {
    return new Uint8Array(await response.arrayBuffer());
  }
  const text = await response.text();
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
