/**
 * How many bytes of pictures a client of many cameras may have unread. Each picture is followed by a ping, whose pong
 * proves that the client has read it (RFC 6455, section 5.5.3). The limit depends on the time until the pong: it grows
 * while pictures take about as long as the fastest one, and is halved when they wait in a queue. A fast link is
 * therefore used fully, and a slow one shows current pictures.
 */
export type LiveWindow = {
  /** Pictures sent; the number of the latest one. */
  sent: number;
  inFlight: readonly SentPicture[];
  inFlightBytes: number;
  limitBytes: number;
  /** The shortest time until a pong; Infinity before the first. */
  fastestMs: number;
  /** Pictures up to this number were sent before the limit was last halved, so they do not halve it again. */
  halvedAt: number;
};

type SentPicture = { number: number; bytes: number; sentMs: number };

export const limitMinBytes = 32 * 1024;
export const limitMaxBytes = 2 * 1024 * 1024;
/** A picture that takes this much longer than the fastest one has waited in a queue. */
export const queuedMaxMs = 150;

export const emptyLiveWindow: LiveWindow = {
  sent: 0,
  inFlight: [],
  inFlightBytes: 0,
  limitBytes: 128 * 1024,
  fastestMs: Infinity,
  halvedAt: 0,
};

/** Whether a picture may be sent: always if none is unread. */
export function hasRoom(window: LiveWindow, bytes: number): boolean {
  return window.inFlight.length === 0 || window.inFlightBytes + bytes <= window.limitBytes;
}

export function sending(window: LiveWindow, bytes: number, nowMs: number): LiveWindow {
  const number = window.sent + 1;
  return {
    ...window,
    sent: number,
    inFlight: [...window.inFlight, { number, bytes, sentMs: nowMs }],
    inFlightBytes: window.inFlightBytes + bytes,
  };
}

/** The client has read every picture up to a number. A number that is not in flight changes nothing. */
export function received(window: LiveWindow, upTo: number, nowMs: number): LiveWindow {
  const read = window.inFlight.filter(({ number }) => number <= upTo);
  const last = read.at(-1);
  if (!last || last.number !== upTo) return window;
  const tookMs = nowMs - last.sentMs;
  const fastestMs = Math.min(window.fastestMs, tookMs);
  const readBytes = read.reduce((sum, { bytes }) => sum + bytes, 0);
  const next = {
    ...window,
    inFlight: window.inFlight.filter(({ number }) => number > upTo),
    inFlightBytes: window.inFlightBytes - readBytes,
    fastestMs,
  };
  if (tookMs <= fastestMs + queuedMaxMs) {
    return { ...next, limitBytes: Math.min(limitMaxBytes, window.limitBytes + readBytes) };
  }
  if (upTo <= window.halvedAt) return next;
  return { ...next, limitBytes: Math.max(limitMinBytes, window.limitBytes / 2), halvedAt: window.sent };
}
