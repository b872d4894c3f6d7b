/** Milliseconds since the epoch, and timers. Passed in, so that tests use {@link createSimulatedClock} instead. */
export type Clock = {
  now(): number;
  /** Calls `fn` once after `ms`; the returned function cancels it. */
  setTimer(ms: number, fn: () => void): () => void;
};

/**
 * The wall clock read once at process start and advanced by the monotonic clock. If the machine's time were set back,
 * `Date.now` would delay every restart by as much; if it were set forward, every stream would appear frozen.
 */
export const realClock: Clock = {
  now: () => Math.round(performance.timeOrigin + performance.now()),
  setTimer(ms, fn) {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
};
