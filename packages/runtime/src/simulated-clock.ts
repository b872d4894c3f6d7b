import type { Clock, WallClock } from './clock.ts';

export type SimulatedClock = Clock &
  WallClock & {
    /** Passes time on both clocks and runs due timers in order of their time. */
    advance(ms: number): void;
    /** Sets the wall clock forward, as after a suspend of `ms`; the monotonic clock does not move. */
    suspend(ms: number): void;
  };

/** Both clocks for tests. Time moves only when a test says so. */
export function createSimulatedClock(startMs = 0): SimulatedClock {
  let nowMs = startMs;
  let aheadMs = 0;
  let nextId = 0;
  const timers = new Map<number, { atMs: number; fn: () => void }>();
  return {
    now: () => nowMs,
    epochMs: () => nowMs + aheadMs,
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
    suspend(ms) {
      aheadMs += ms;
    },
  };
}
