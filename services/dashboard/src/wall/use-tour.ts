import { useCallback, useEffect, useRef, useState } from 'react';
import { nextTour, noTour } from './tour.ts';
import type { Tour, TourEvent } from './tour.ts';

const tickMs = 500;
const interactions = ['pointerdown', 'keydown', 'wheel'] as const;

/** Runs the tour; `turn` shows the next page. */
export function useTour(turn: () => void): {
  tour: Tour;
  start: (everyMs: number) => void;
  stop: () => void;
} {
  const [tour, setTour] = useState(noTour);
  const current = useRef(noTour);
  const latestTurn = useRef(turn);
  useEffect(() => {
    latestTurn.current = turn;
  }, [turn]);
  const send = useCallback((event: TourEvent) => {
    const step = nextTour(current.current, event, performance.now());
    current.current = step.tour;
    setTour(step.tour);
    if (step.turns) latestTurn.current();
  }, []);

  useEffect(() => {
    if (!tour.running) return;
    const stop = new AbortController();
    const onInteraction = () => send({ type: 'interaction' });
    for (const name of interactions) {
      window.addEventListener(name, onInteraction, { signal: stop.signal, passive: true });
    }
    const timer = setInterval(() => {
      // A hidden page waits.
      if (!document.hidden) send({ type: 'tick' });
    }, tickMs);
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, [tour.running, send]);

  return {
    tour,
    start: useCallback((everyMs: number) => send({ type: 'start', everyMs }), [send]),
    stop: useCallback(() => send({ type: 'stop' }), [send]),
  };
}
