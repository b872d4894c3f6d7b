import { whenAborted } from '@camplane/runtime/abort';
import type { Clock } from '@camplane/runtime/clock';
import type { KeyQueue, WorkOutcome } from './key-queue.ts';

export type QueueRunner = {
  /** An event for the key. */
  add(key: string): void;
  depth(): number;
  /** Runs until the signal and waits for work in progress. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
};

/** Works through a queue, up to `concurrency` keys at a time. `work` must not reject. */
export function createQueueRunner(options: {
  queue: KeyQueue;
  clock: Clock;
  concurrency: number;
  work: (key: string, signal: AbortSignal) => Promise<WorkOutcome>;
}): QueueRunner {
  const { queue, clock, concurrency, work } = options;
  const working = new Set<Promise<void>>();
  let cancelTimer = () => {};
  let running: AbortSignal | undefined;

  function start(key: string, signal: AbortSignal): void {
    const job = work(key, signal).then((outcome) => {
      working.delete(job);
      queue.finish(key, outcome, clock.now());
      pump();
    });
    working.add(job);
  }

  function pump(): void {
    cancelTimer();
    if (running === undefined || running.aborted) return;
    while (working.size < concurrency) {
      const key = queue.take(clock.now());
      if (key === undefined) break;
      start(key, running);
    }
    const waitMs = queue.nextInMs(clock.now());
    // At most a minute, so that the timer cannot overflow. At full concurrency, the next finished job pumps.
    if (working.size < concurrency && waitMs !== Infinity) {
      cancelTimer = clock.setTimer(Math.min(60_000, Math.ceil(waitMs)), pump);
    }
  }

  return {
    add(key) {
      queue.add(key, clock.now());
      pump();
    },
    depth: () => queue.depth(clock.now()),
    async run(signal) {
      running = signal;
      pump();
      await whenAborted(signal);
      cancelTimer();
      while (working.size > 0) await Promise.all(working);
    },
  };
}
