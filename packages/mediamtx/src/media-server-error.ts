export type MediaServerErrorKind =
  | 'unreachable' // connection refused or lost
  | 'timed-out' // connected, but no response: hung or overloaded
  | 'refused' // an error response; the message has the reason
  | 'not-found'
  | 'unexpected-response'; // not MediaMTX, or another version

/** A call of MediaMTX's API failed. */
export class MediaServerError extends Error {
  readonly kind: MediaServerErrorKind;

  constructor(kind: MediaServerErrorKind, message: string, options: { cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MediaServerError';
    this.kind = kind;
  }

  /** Whether a retry of the same call may succeed. */
  get retryable(): boolean {
    return this.kind === 'unreachable' || this.kind === 'timed-out';
  }
}

/** A port of MediaMTX was taken at its start. */
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
