import { attempt } from './attempts.ts';
import type { Fault } from './attempts.ts';
import type { BusEvent, BusLog, BusMessage } from './event-bus.ts';
import type { PendingQueue } from './pending-queue.ts';

export type SubscriberOptions = {
  topic: string;
  group: string;
  queue: PendingQueue;
  handle: (message: BusMessage<unknown>) => Promise<void> | void;
  /** Handlers at work at a time. */
  concurrency: number;
  /** What becomes of a message that was given up. Must not throw. */
  bury: (message: BusMessage<unknown>, fault: Fault) => Promise<void>;
  retryDelaysMs: readonly number[];
  closeDeadlineMs: number;
  log: BusLog;
  onEvent: (event: BusEvent) => void;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
};

/** Handlers that never wait would keep timers and sockets from their turn for as long as messages come. */
const messagesPerTurn = 32;

/** Hands the messages of a queue to a handler, those of one key one after another, until it is closed. */
export function runSubscriber(options: SubscriberOptions): { wake: () => void; close(): Promise<void> } {
  const { queue, concurrency, closeDeadlineMs, log, topic, group } = options;
  const controller = new AbortController();
  const { signal } = controller;
  const workers = new Set<Promise<void>>();
  let workersCount = 0;
  let takenCount = 0;

  async function work(): Promise<void> {
    workersCount += 1;
    try {
      await nextTurn();
      for (let message = take(); message; message = take()) {
        await deliver(options, message, signal);
        queue.release(message.key);
        if (takenCount % messagesPerTurn === 0) await nextTurn();
      }
    } finally {
      // Without a pause since the queue was seen empty: whatever comes now wakes another worker.
      workersCount -= 1;
    }
  }

  function take(): BusMessage<unknown> | undefined {
    if (signal.aborted) return undefined;
    takenCount += 1;
    return queue.take();
  }

  return {
    wake() {
      if (workersCount >= concurrency || !queue.hasReady || signal.aborted) return;
      const worker = work().finally(() => workers.delete(worker));
      workers.add(worker);
    },
    async close() {
      controller.abort();
      const ended = await Promise.race([
        Promise.all(workers).then(() => true as const),
        afterMs(closeDeadlineMs),
      ]);
      if (!ended) log.warn({ topic, group, closeDeadlineMs }, 'a handler did not end in time');
    },
  };
}

/** Never throws. */
async function deliver(
  options: SubscriberOptions,
  message: BusMessage<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const { handle, bury, onEvent, retryDelaysMs, sleep, log, topic, group } = options;
  const onRetry = () => onEvent('retried');
  const outcome = await attempt(() => handle(message), { retryDelaysMs, signal, sleep, onRetry });
  if (outcome.kind === 'handled') {
    onEvent('delivered');
    return;
  }
  onEvent('failed');
  if (outcome.kind === 'abandoned') return;
  const { reason, attempts, error } = outcome.fault;
  log.error({ topic, group, key: message.key, reason, attempts, err: error }, 'a message was given up');
  await bury(message, outcome.fault);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function afterMs(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), ms).unref());
}
