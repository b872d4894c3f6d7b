/** The kinds of failure of a request to a cluster's API, and whether a retry can help. */
export const kubernetesErrorKinds = {
  /** 400, 422: the object is invalid; `causes` lists the fields. */
  invalid: { retryable: false },
  unauthorized: { retryable: true }, // 401: a token is renewed on disk
  forbidden: { retryable: true }, // 403: a role may be granted
  'not-found': { retryable: false }, // 404; for custom resources also a missing definition
  'already-exists': { retryable: false }, // 409
  conflict: { retryable: true }, // 409: changed meanwhile, or another manager's field
  gone: { retryable: true }, // 410: the version is too old, list again
  'too-many-requests': { retryable: true }, // 429
  unavailable: { retryable: true }, // 5xx, no connection, timeout
  silent: { retryable: true }, // a watch received no event, not even a bookmark
  'not-understood': { retryable: true }, // the response is not of the API
} as const;
export type KubernetesErrorKind = keyof typeof kubernetesErrorKinds;

export class KubernetesError extends Error {
  readonly kind: KubernetesErrorKind;
  /** HTTP status; null without a response. */
  readonly status: number | null;
  /** Invalid fields by the API server's path, such as `spec.source.url`. */
  readonly causes: readonly { field: string; message: string }[];
  /** From `Retry-After`, in milliseconds. */
  readonly retryAfterMs: number | null;

  constructor(
    kind: KubernetesErrorKind,
    message: string,
    options: {
      status?: number;
      causes?: readonly { field: string; message: string }[];
      retryAfterMs?: number;
      cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'KubernetesError';
    this.kind = kind;
    this.status = options.status ?? null;
    this.causes = options.causes ?? [];
    this.retryAfterMs = options.retryAfterMs ?? null;
  }

  get retryable(): boolean {
    return kubernetesErrorKinds[this.kind].retryable;
  }
}
