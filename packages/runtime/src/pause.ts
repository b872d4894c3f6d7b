import { onAbort } from './abort.ts';
import type { Clock } from './clock.ts';

/** Resolves after `ms`, or as soon as the signal is aborted. Never rejects. */
export function pause(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      cancel();
      removeListener();
      resolve();
    };
    const cancel = clock.setTimer(ms, end);
    const removeListener = onAbort(signal, end);
  });
}
