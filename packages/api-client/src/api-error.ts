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

  constructor(
    message: string,
    details: {
      code: string;
      status?: number;
      fields?: readonly FieldError[];
      retryable?: boolean;
      cause?: unknown;
    },
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ApiError';
    this.code = details.code;
    this.status = details.status ?? 0;
    this.fields = details.fields ?? [];
    this.retryable = details.retryable ?? true;
  }
}

/** The error for a response with an error status: its problem details (RFC 9457), or what a proxy answered. */
export function errorOfResponse(status: number, body: unknown): ApiError {
  const problem = problemSchema.safeParse(body);
  const retryable = status >= 500 || status === 429;
  if (!problem.success) {
    return new ApiError(`The server answered ${status} without an explanation.`, {
      code: 'bad-answer',
      status,
      retryable,
    });
  }
  const { code, detail, title, errors } = problem.data;
  return new ApiError(withFullStop(detail === '' ? title : detail), {
    code,
    status,
    fields: errors ?? [],
    retryable,
  });
}

function withFullStop(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
