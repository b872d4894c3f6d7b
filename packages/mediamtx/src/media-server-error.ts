export type MediaServerErrorKind =
  | 'unreachable' // nothing listens, or the connection broke
  | 'timed-out' // it listens, but does not answer: hung, or overloaded
  | 'refused' // it answered that it will not: the message says why
  | 'not-found'
  | 'unexpected-answer'; // not MediaMTX, or another version of it

/** A failed call of MediaMTX's API. */
export class MediaServerError extends Error {
  readonly kind: MediaServerErrorKind;

  constructor(kind: MediaServerErrorKind, message: string, options: { cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MediaServerError';
    this.kind = kind;
  }

  /** Whether the same call may succeed later without a change of its content. */
  get retryable(): boolean {
    return this.kind === 'unreachable' || this.kind === 'timed-out';
  }
}

/** One listener's port was taken when MediaMTX started. */
export class PortTakenError extends Error {
  readonly port: number;

  constructor(port: number, use: string, detail: string) {
    super(
      `port ${port} (MediaMTX ${use}) is taken: stop the program that uses it, or choose another port (${detail})`,
    );
    this.name = 'PortTakenError';
    this.port = port;
  }
}
