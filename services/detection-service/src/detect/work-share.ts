/** Part of a worker's time that may go into costly searches; the rest is for decoding and for what is quick. */
const share = 0.5;
/** Who asked last so long ago does not count as one who shares. */
const activeMs = 5_000;

export type WorkShare = { join(): WorkTurn };

/** One who shares: rests after each search, so that all together keep to their part. */
export type WorkTurn = {
  /** Whether it has rested enough. */
  isDue(nowMs: number): boolean;
  /** @param costMs what the search took */
  done(nowMs: number, costMs: number): void;
  leave(): void;
};

/**
 * Parts the time of one worker among the cameras that search in it: each rests the longer, the more they are and the
 * more its own search costs. A camera alone rests as long as it searched.
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
