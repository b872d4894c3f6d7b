/**
 * What a client has been sent and has received. `sent` and `received` count frames; each frame is followed by a ping,
 * whose pong proves that the client has read it (RFC 6455, section 5.5.3), through all buffers and proxies between.
 */
export type SendWindow = {
  sent: number;
  received: number;
  /** The time of the oldest frame that was not received; null if all were. */
  waitingSinceMs: number | null;
  /** A newer frame than the last one sent exists. */
  isBehind: boolean;
};

export const emptyWindow: SendWindow = { sent: 0, received: 0, waitingSinceMs: null, isBehind: false };

/** Two: one that the client reads, and one in flight. */
export const inFlightMax = 2;

export type WindowStep = { window: SendWindow; send: boolean; dropped: boolean };

/**
 * A new frame exists. It is sent if the client has received the ones before; otherwise it waits, and takes the place of
 * the one that waited.
 *
 * @param isDrained whether the socket has taken everything that was written to it
 */
export function offer(window: SendWindow, isDrained: boolean, nowMs: number): WindowStep {
  if (isDrained && window.sent - window.received < inFlightMax) return sending(window, nowMs);
  return { window: { ...window, isBehind: true }, send: false, dropped: window.isBehind };
}

/** The socket was drained, or a pong arrived: the waiting frame may be due. */
export function advance(window: SendWindow, isDrained: boolean, nowMs: number): WindowStep {
  if (window.isBehind && isDrained && window.sent - window.received < inFlightMax) {
    return sending(window, nowMs);
  }
  return { window, send: false, dropped: false };
}

/** The client has received every frame up to `count`. Counts that were not sent, or were before, change nothing. */
export function receive(window: SendWindow, count: number, nowMs: number): SendWindow {
  if (!Number.isInteger(count) || count <= window.received || count > window.sent) return window;
  return { ...window, received: count, waitingSinceMs: count === window.sent ? null : nowMs };
}

function sending(window: SendWindow, nowMs: number): WindowStep {
  return {
    window: {
      ...window,
      sent: window.sent + 1,
      waitingSinceMs: window.waitingSinceMs ?? nowMs,
      isBehind: false,
    },
    send: true,
    dropped: false,
  };
}
