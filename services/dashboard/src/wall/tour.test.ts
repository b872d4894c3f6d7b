import { describe, expect, it } from '@jest/globals';
import { nextTour, noTour, tourPauseMs } from './tour.ts';
import type { TourEvent } from './tour.ts';

/** Runs a tour on a simulated clock, and returns the seconds in which it turned the page. */
function turnsOf(seconds: number, events: Record<number, TourEvent>): number[] {
  let tour = noTour;
  const turns: number[] = [];
  for (let second = 0; second <= seconds; second += 1) {
    for (const event of [events[second], { type: 'tick' } as const]) {
      if (!event) continue;
      const step = nextTour(tour, event, second * 1000);
      tour = step.tour;
      if (step.turns) turns.push(second);
    }
  }
  return turns;
}

const start: TourEvent = { type: 'start', everyMs: 10_000 };

describe('the tour', () => {
  it('turns the page at its interval', () => {
    expect(turnsOf(35, { 0: start })).toEqual([10, 20, 30]);
  });

  it('pauses after each interaction, and continues afterwards', () => {
    expect(tourPauseMs).toBe(30_000);
    expect(turnsOf(60, { 0: start, 12: { type: 'interaction' } })).toEqual([10, 42, 52]);
    expect(turnsOf(60, { 0: start, 3: { type: 'interaction' }, 20: { type: 'interaction' } })).toEqual([
      50, 60,
    ]);
  });

  it('does nothing before its start and after its end', () => {
    expect(turnsOf(30, {})).toEqual([]);
    expect(turnsOf(60, { 5: { type: 'interaction' } })).toEqual([]);
    expect(turnsOf(40, { 0: start, 25: { type: 'stop' } })).toEqual([10, 20]);
  });
});
