/** Kinds of playback failure that the player handles differently. */
export type PlayFailureKind =
  | 'unsupported' // the browser lacks the transport
  | 'codec' // the browser cannot play the codec
  | 'unreachable' // no response from the media server's address
  | 'absent' // the media server has no such stream
  | 'refused' // the user may not view the camera, or no longer
  | 'not-connected' // the media server answered, but no media connection was established
  | 'no-frames' // connected, but no frame arrived
  | 'stalled' // frames stopped arriving
  | 'closed' // the media server ended the connection
  | 'limit' // the server's limit of JPEG streams is reached
  | 'server'; // the media server failed

export type PlayFailure = { kind: PlayFailureKind; detail: string };

/** Thrown when a connection cannot be opened. */
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
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return { kind: 'not-connected', detail: '' };
  return { kind: 'server', detail: error instanceof Error ? error.message : '' };
}

/** Maps an HTTP error of the media server to a failure. */
export function failureOfStatus(status: number, detail: string): PlayFailure {
  if (status === 401 || status === 403) return { kind: 'refused', detail };
  if (status === 404) return { kind: 'absent', detail };
  // The edge of a cluster, while the camera's pod is unreachable.
  if (/source of path .* has timed out/.test(detail)) return { kind: 'absent', detail };
  // The path of a new camera is created once its slate is drawn.
  if (/^path .* is not configured$/.test(detail)) return { kind: 'absent', detail };
  // MediaMTX is recreating the path, as it does when the video's codec or size becomes known.
  if (detail === 'terminated') return { kind: 'absent', detail };
  // MediaMTX answers 400 or 500 with this text if the browser's offer has none of the stream's codecs.
  if (/codec/i.test(detail)) return { kind: 'codec', detail };
  return { kind: 'server', detail: detail === '' ? `HTTP status ${status}` : detail };
}
