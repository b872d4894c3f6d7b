/** The tour turns the pages of the wall. Any interaction with the page pauses it. Times are milliseconds of one clock. */
export type Tour = {
  running: boolean;
  everyMs: number;
  nextTurnMs: number;
  /** Null: not paused. */
  pausedUntilMs: number | null;
};

export type TourEvent =
  | { type: 'start'; everyMs: number }
  | { type: 'stop' }
  /** Pointer, keyboard or wheel. */
  | { type: 'interaction' }
  | { type: 'tick' };

/** How long an interaction pauses the tour. */
export const tourPauseMs = 30_000;

export const noTour: Tour = { running: false, everyMs: 0, nextTurnMs: 0, pausedUntilMs: null };

/** `turns`: whether to show the next page now. */
export function nextTour(tour: Tour, event: TourEvent, nowMs: number): { tour: Tour; turns: boolean } {
  switch (event.type) {
    case 'start':
      return same({
        running: true,
        everyMs: event.everyMs,
        nextTurnMs: nowMs + event.everyMs,
        pausedUntilMs: null,
      });
    case 'stop':
      return same(noTour);
    case 'interaction':
      return same(tour.running ? { ...tour, pausedUntilMs: nowMs + tourPauseMs } : tour);
    case 'tick': {
      const isDue = tour.pausedUntilMs === null ? nowMs >= tour.nextTurnMs : nowMs >= tour.pausedUntilMs;
      if (!tour.running || !isDue) return same(tour);
      return { tour: { ...tour, nextTurnMs: nowMs + tour.everyMs, pausedUntilMs: null }, turns: true };
    }
  }
}

function same(tour: Tour): { tour: Tour; turns: boolean } {
  return { tour, turns: false };
}
