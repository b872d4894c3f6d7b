/**
 * Spreads starts over time: a token bucket that all streams of a process share. Many cameras that come back
 * together are started one after another, at the stated rate, in the order in which they asked.
 */
export type StartBudget = {
  /** Takes a place in the line; gives how long to wait for it, in milliseconds. */
  reserve(nowMs: number): number;
};

export function createStartBudget(options: { startsPerSecond: number; burst: number }): StartBudget {
  const intervalMs = 1000 / options.startsPerSecond;
  // The time at which the bucket would be full again (generic cell rate algorithm, ITU-T I.371).
  let fullAtMs = -Infinity;
  return {
    reserve(nowMs) {
      const allowance = intervalMs * (options.burst - 1);
      const startMs = Math.max(nowMs, fullAtMs - allowance);
      fullAtMs = Math.max(nowMs, fullAtMs) + intervalMs;
      // Less than a microsecond is rounding, not waiting.
      return Math.max(0, Math.ceil(startMs - nowMs - 0.001));
    },
  };
}
