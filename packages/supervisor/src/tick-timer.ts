import type { Clock } from '@camplane/runtime/clock';

/** A timer that fires this late means that this process itself was suspended or starved. */
const ownLatenessMs = 300;

/**
 * One timer for a deadline that keeps moving later. It is replaced only if it would fire too late, since every frame
 * postpones the deadline of a stall. It may therefore fire early.
 */
export function createTickTimer(clock: Clock, onTick: () => void): { schedule(dueMs: number | null): void } {
  let cancelTimer: (() => void) | null = null;
  let scheduledMs = 0;

  function clear(): void {
    cancelTimer?.();
    cancelTimer = null;
  }

  function fire(): void {
    cancelTimer = null;
    onTick();
  }

  return {
    schedule(dueMs) {
      if (dueMs === null) return clear();
      if (cancelTimer !== null && scheduledMs <= dueMs) return;
      clear();
      scheduledMs = dueMs;
      cancelTimer = clock.setTimer(Math.max(0, dueMs - clock.now()), () => {
        // After a suspension, timers run before the frames that arrived meanwhile: let those be read first.
        if (clock.now() - dueMs > ownLatenessMs) cancelTimer = clock.setTimer(ownLatenessMs, fire);
        else fire();
      });
    },
  };
}
