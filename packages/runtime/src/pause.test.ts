import { getEventListeners } from 'node:events';
import { expect, it } from '@jest/globals';
import { pause } from './pause.ts';
import { createSimulatedClock } from './simulated-clock.ts';

it('resolves after the time', async () => {
  const clock = createSimulatedClock();
  const { signal } = new AbortController();
  let isOver = false;
  const paused = pause(1000, clock, signal).then(() => (isOver = true));
  clock.advance(999);
  await Promise.resolve();
  expect(isOver).toBe(false);
  clock.advance(1);
  await paused;
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

it('resolves as soon as the signal is aborted', async () => {
  const clock = createSimulatedClock();
  const controller = new AbortController();
  const paused = pause(1000, clock, controller.signal);
  controller.abort();
  await paused;
  await pause(1000, clock, controller.signal);
});
