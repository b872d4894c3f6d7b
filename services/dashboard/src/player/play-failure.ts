/** Ways in which playing fails, as far as they differ in what to do next. */
export type PlayFailureKind =
  | 'unsupported' // this browser does not have the transport
  | 'codec' // it cannot play the video's codec
  | 'unreachable' // nothing answers at the media server's address
  | 'absent' // the media server has no such stream
  | 'refused' // it does not let us
  | 'not-connected' // it answered, but no media connection came about
  | 'no-frames' // connected, but no picture came
  | 'stalled' // pictures came, then none
  | 'closed' // the media server ended the connection
  | 'server'; // it failed

export type PlayFailure = { kind: PlayFailureKind; detail: string };

/** What opening a connection throws. */
export class PlayError extends Error {
  readonly kind: PlayFailureKind;

  constructor(kind: PlayFailureKind, detail: string, cause?: unknown) {
    super(detail, cause === undefined ? undefined : { cause });
    this.name = 'PlayError';
    this.kind = kind;
  }
}

export function failureOf(error: unknown): PlayFailure {
  if (error instanceof PlayError) return { kind: error.kind, detail: error.message };
  return { kind: 'server', detail: error instanceof Error ? error.message : '' };
}

/** The failure that an HTTP status of the media server means, when asked for a stream over WebRTC. */
export function failureOfStatus(status: number, detail: string): PlayFailure {
  if (status === 401 || status === 403) return { kind: 'refused', detail };
  if (status === 404) return { kind: 'absent', detail };
  // The edge of a cluster, while the camera's pod is away.
  if (/source of path .* has timed out/.test(detail)) return { kind: 'absent', detail };
  // MediaMTX was asked while it made the path anew, as it does when the video's codec or size becomes known.
  if (detail === 'terminated') return { kind: 'absent', detail };
  // MediaMTX answers 400 or 500 with this text where the browser's offer holds none of the stream's codecs.
  if (/codec/i.test(detail)) return { kind: 'codec', detail };
  return { kind: 'server', detail: detail === '' ? `HTTP status ${status}` : detail };
}
