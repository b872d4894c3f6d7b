import type { PendingQueue } from './pending-queue.ts';

export type WorkersOptions<M extends { readonly key: string }> = {
  queue: PendingQueue<M>;
  /** Concurrent messages; never two of one key. */
  concurrency: number;
  /** Must not throw. The signal is aborted when the workers are closed. */
  work: (message: M, signal: AbortSignal) => Promise<void>;
};

export type Workers = {
  /** Call this when a message may have become ready in the queue. */
  wake(): void;
  /** While held, running work continues and no new work starts. */
  hold(held: boolean): void;
  /** Starts no new work and waits for the running; false if that exceeded the deadline. */
  close(deadlineMs: number): Promise<boolean>;
};

/** After this many messages, yield to timers and sockets: handlers may never wait for I/O. */
const messagesPerTurn = 32;

/** Works through a queue; messages of one key one after another. */
export function runWorkers<M extends { readonly key: string }>(options: WorkersOptions<M>): Workers {
  const { queue, concurrency, work } = options;
  const controller = new AbortController();
  const { signal } = controller;
  const workers = new Set<Promise<void>>();
  let workersCount = 0;
  let takenCount = 0;
  let held = false;

  async function run(): Promise<void> {
    workersCount += 1;
    try {
      await nextTurn();
      for (let message = take(); message; message = take()) {
        await work(message, signal);
        queue.release(message.key);
        if (takenCount % messagesPerTurn === 0) await nextTurn();
      }
    } finally {
      // No await since the queue was empty, so a later push wakes another worker.
      workersCount -= 1;
    }
  }

  function take(): M | undefined {
    if (signal.aborted || held) return undefined;
    takenCount += 1;
    return queue.take();
  }

  function wake(): void {
    if (workersCount >= concurrency || !queue.hasReady || held || signal.aborted) return;
    const worker = run().finally(() => workers.delete(worker));
    workers.add(worker);
  }

  return {
    wake,
    hold(value) {
      held = value;
      for (let i = 0; i < concurrency && !held; i++) wake();
    },
    async close(deadlineMs) {
      controller.abort();
      const ended = Promise.all(workers).then(() => true);
      return Promise.race([ended, afterMs(deadlineMs)]);
    },
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function afterMs(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), ms).unref());
}
