/**
 * Time since an arbitrary start, for durations, deadlines and timers. It does not jump when the machine's time is set,
 * and stands still while the machine is suspended. Not a date: its values never leave the process.
 */
export type Clock = {
  /** Milliseconds. */
  now(): number;
  /** Calls `fn` once after `ms`; the returned function cancels it. */
  setTimer(ms: number, fn: () => void): () => void;
};

/** The date and time, for timestamps that leave the process. It jumps when the time is set and after a suspend. */
export type WallClock = {
  /** Milliseconds since 1970. */
  epochMs(): number;
};

export const monotonicClock: Clock = {
  now: () => Math.round(performance.now()),
  setTimer(ms, fn) {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
};

export const wallClock: WallClock = { epochMs: () => Date.now() };
