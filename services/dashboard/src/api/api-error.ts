import { problemSchema } from '@camplane/contracts/problem';

export type FieldError = { path: string; message: string };

/** Any way in which a call of the API fails. It says itself whether trying again can help. */
export class ApiError extends Error {
  /** The problem's code, or `unreachable`, `timed-out`, `bad-answer`. */
  readonly code: string;
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

/** The error that an answer with an error status means: problem details (RFC 9457), or whatever a proxy wrote. */
export function errorOfAnswer(status: number, body: unknown): ApiError {
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
  return new ApiError(sentence(detail === '' ? title : detail), {
    code,
    status,
    fields: errors ?? [],
    retryable,
  });
}

/** What to show for anything thrown: the one error path of the page. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'Something failed without saying why.';
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
