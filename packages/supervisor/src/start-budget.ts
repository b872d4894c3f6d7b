/**
 * A token bucket shared by all streams of a process. When many cameras recover together, their starts are spread at
 * the given rate, in order of request.
 */
export type StartBudget = {
  /** Reserves the next start; returns the delay until then, in milliseconds. */
  reserve(nowMs: number): number;
};

export function createStartBudget(options: { startsPerSecond: number; burst: number }): StartBudget {
  const intervalMs = 1000 / options.startsPerSecond;
  // When the bucket would be full again (generic cell rate algorithm, ITU-T I.371).
  let fullAtMs = -Infinity;
  return {
    reserve(nowMs) {
      const allowance = intervalMs * (options.burst - 1);
      const startMs = Math.max(nowMs, fullAtMs - allowance);
      fullAtMs = Math.max(nowMs, fullAtMs) + intervalMs;
      // Ignore rounding errors below a microsecond.
      return Math.max(0, Math.ceil(startMs - nowMs - 0.001));
    },
  };
}
