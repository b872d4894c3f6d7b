/**
 * `unreadable`: the image cannot be decoded. `worker-lost`: its thread crashed. `timeout`: it took too long, and its
 * thread was replaced. `failed`: detection failed. `overloaded`: too many requests wait, or it waited too long.
 * `closed`: the pool is stopping.
 */
export type DetectErrorKind = 'unreadable' | 'worker-lost' | 'timeout' | 'failed' | 'overloaded' | 'closed';

export class DetectError extends Error {
  readonly kind: DetectErrorKind;

  constructor(kind: DetectErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'DetectError';
    this.kind = kind;
  }

  /** Whether another attempt with the same image may succeed. */
  get isRetryable(): boolean {
    return this.kind !== 'unreadable';
  }
}
