import { problemSchema } from '@camplane/contracts/problem';

export type FieldError = { path: string; message: string };

/** A failed call. `retryable`: the same call may succeed later. */
export class ApiError extends Error {
  /** The code of the problem, or `unreachable`, `timed-out` or `bad-answer`. */
  readonly code: string;
  /** HTTP status; 0 without a response. */
  readonly status: number;
  readonly fields: readonly FieldError[];
  readonly retryable: boolean;
  /** From the header `Retry-After`; null without it. */
  readonly retryAfterSeconds: number | null;

  constructor(
    message: string,
    details: {
      code: string;
      status?: number;
      fields?: readonly FieldError[];
      retryable?: boolean;
      retryAfterSeconds?: number | null;
      cause?: unknown;
    },
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ApiError';
    this.code = details.code;
    this.status = details.status ?? 0;
    this.fields = details.fields ?? [];
    this.retryable = details.retryable ?? true;
    this.retryAfterSeconds = details.retryAfterSeconds ?? null;
  }
}

/** The error for a response with an error status: its problem details (RFC 9457), or what a proxy answered. */
export function errorOfResponse(status: number, body: unknown, headers?: Headers): ApiError {
  const problem = problemSchema.safeParse(body);
  const retryable = status >= 500 || status === 429;
  const retryAfterSeconds = secondsOf(headers?.get('retry-after') ?? null);
  if (!problem.success) {
    return new ApiError(`The server answered ${status} without an explanation.`, {
      code: 'bad-answer',
      status,
      retryable,
      retryAfterSeconds,
    });
  }
  const { code, detail, title, errors } = problem.data;
  return new ApiError(withFullStop(detail === '' ? title : detail), {
    code,
    status,
    fields: errors ?? [],
    retryable,
    retryAfterSeconds,
  });
}

/** `Retry-After` may also be a date, which this API never sends. */
function secondsOf(retryAfter: string | null): number | null {
  return retryAfter !== null && /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) : null;
}

function withFullStop(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
