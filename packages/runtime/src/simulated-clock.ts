import type { Clock } from './clock.ts';

/** A clock for tests: time moves only in `advance`, which runs due timers in order of their time. */
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
