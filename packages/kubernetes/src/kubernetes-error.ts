/** The closed set of ways in which a request to a cluster's API fails, and whether trying again can help. */
export const kubernetesErrorKinds = {
  /** 400, 422: the object is not valid; `causes` names the fields. */
  invalid: { retryable: false },
  unauthorized: { retryable: true }, // 401: a token is renewed on disk
  forbidden: { retryable: true }, // 403: a role may be granted
  'not-found': { retryable: false }, // 404; of a custom resource also: its definition is missing
  'already-exists': { retryable: false }, // 409
  conflict: { retryable: true }, // 409: changed in between, or a field belongs to another manager
  gone: { retryable: true }, // 410: the version is too old, list anew
  'too-many-requests': { retryable: true }, // 429
  unavailable: { retryable: true }, // 5xx, no connection, no answer in time
  silent: { retryable: true }, // of a watch nothing came, no bookmark either
  'not-understood': { retryable: true }, // an answer that is not the API's
} as const;
export type KubernetesErrorKind = keyof typeof kubernetesErrorKinds;

export class KubernetesError extends Error {
  readonly kind: KubernetesErrorKind;
  /** HTTP status; null where no answer came. */
  readonly status: number | null;
  /** Fields at fault, as the API server names them: `spec.source.url`. */
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
