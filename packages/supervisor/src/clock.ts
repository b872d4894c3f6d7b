/** Time as the supervisor sees it: milliseconds since the epoch, and timers. Tests bring their own. */
export type Clock = {
  now(): number;
  /** Calls `fn` once after `ms`; the returned function cancels it. */
  setTimer(ms: number, fn: () => void): () => void;
};

/**
 * The machine's clock as it was when this process started, counted on from there: a wall clock that is set back
 * would hold up every restart by as much, and one that is set forward would make every stream look frozen.
 */
export const realClock: Clock = {
  now: () => Math.round(performance.timeOrigin + performance.now()),
  setTimer(ms, fn) {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
};

/** A clock that moves only when told: timers due are run in the order of their times. */
export function createSimulatedClock(startMs = 0): Clock & { advance(ms: number): void } {
  let nowMs = startMs;
  let nextId = 0;
  const timers = new Map<number, { atMs: number; fn: () => void }>();
  return {
    now: () => nowMs,
    setTimer(ms, fn) {
      const id = nextId++;
      timers.set(id, { atMs: nowMs + Math.max(0, ms), fn });
      return () => timers.delete(id);
    },
    advance(ms) {
      const endMs = nowMs + ms;
      for (;;) {
        const due = [...timers]
          .filter(([, timer]) => timer.atMs <= endMs)
          .sort((a, b) => a[1].atMs - b[1].atMs)[0];
        if (!due) break;
        timers.delete(due[0]);
        nowMs = Math.max(nowMs, due[1].atMs);
        due[1].fn();
      }
      nowMs = endMs;
    },
  };
}
