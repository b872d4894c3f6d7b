/**
 * `unreadable`: the picture cannot be decoded. `worker-lost`: the thread that had it crashed. `timeout`: it took too
 * long, and its thread was replaced. `failed`: looking failed. `overloaded`: too many wait, or
 * it waited too long. `closed`: the pool ends.
 */
export type LookErrorKind = 'unreadable' | 'worker-lost' | 'timeout' | 'failed' | 'overloaded' | 'closed';

/** Why a picture was not looked at. */
export class LookError extends Error {
  readonly kind: LookErrorKind;

  constructor(kind: LookErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'LookError';
    this.kind = kind;
  }

  /** Whether the same picture may well be looked at the next time. */
  get isRetryable(): boolean {
    return this.kind !== 'unreadable';
  }
}
