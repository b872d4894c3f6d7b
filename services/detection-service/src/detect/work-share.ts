/** Fraction of a worker's time for expensive searches; the rest is for decoding and cheap detectors. */
const share = 0.5;
/** A camera that has not asked for this long does not count. */
const activeMs = 5_000;

export type WorkShare = { join(): WorkTurn };

/** One camera's part: it pauses after each search, so that all cameras together stay within the share. */
export type WorkTurn = {
  /** Whether the pause is over. */
  isDue(nowMs: number): boolean;
  /** @param costMs duration of the search */
  done(nowMs: number, costMs: number): void;
  leave(): void;
};

/**
 * Divides the time of a worker among the cameras that search in it: the pause grows with their number and with the cost
 * of the camera's own search. A single camera pauses for as long as it searched.
 */
export function createWorkShare(): WorkShare {
  const askedMs = new Map<object, number>();
  return {
    join() {
      const self = {};
      let dueMs = -Infinity;
      return {
        isDue(nowMs) {
          askedMs.set(self, nowMs);
          return nowMs >= dueMs;
        },
        done(nowMs, costMs) {
          const active = [...askedMs.values()].filter((askedAt) => nowMs - askedAt <= activeMs).length;
          dueMs = nowMs + costMs * (Math.max(1, active) / share - 1);
        },
        leave() {
          askedMs.delete(self);
        },
      };
    },
  };
}
