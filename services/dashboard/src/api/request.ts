import type { z } from 'zod';
import { ApiError, errorOfAnswer } from './api-error.ts';

const timeoutMsDefault = 10_000;

export type RequestOptions = {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  body?: unknown;
  signal?: AbortSignal;
  timeoutMs?: number;
};

/**
 * Calls the API and checks the answer against its schema.
 *
 * @throws ApiError for an unreachable server, an error status, or an answer that does not fit the schema;
 * the signal's reason when `signal` ended the call.
 */
export async function request<T>(
  path: string,
  schema: z.ZodType<T>,
  options: RequestOptions = {},
): Promise<T> {
  const body = await call(path, options);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new ApiError(
    'The server’s answer was not understood: the page and the server may be of different versions.',
    {
      code: 'bad-answer',
      retryable: false,
      cause: parsed.error,
    },
  );
}

/** Calls the API; the parsed JSON, or `undefined` for an empty answer. */
export async function call(path: string, options: RequestOptions = {}): Promise<unknown> {
  const { method = 'GET', body, signal, timeoutMs = timeoutMsDefault } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  let status: number;
  let text: string;
  try {
    const response = await fetch(path, {
      method,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    status = response.status;
    text = await response.text();
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
  const parsed = parseJson(text);
  if (status >= 400) throw errorOfAnswer(status, parsed);
  return parsed;
}

function parseJson(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
