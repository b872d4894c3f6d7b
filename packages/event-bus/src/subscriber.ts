import { attempt } from './attempts.ts';
import type { Fault } from './attempts.ts';
import { deadLetterLogMessage } from './dead-letter-log.ts';
import type { BusEvent, BusLog, BusMessage } from './event-bus.ts';
import type { PendingQueue } from './pending-queue.ts';
import { runWorkers } from './workers.ts';

export type SubscriberOptions = {
  topic: string;
  group: string;
  queue: PendingQueue<BusMessage<unknown>>;
  handle: (message: BusMessage<unknown>) => Promise<void> | void;
  /** Concurrent handlers. */
  concurrency: number;
  /** Handles a message after its last attempt failed. Must not throw. */
  sendToDeadLetter: (message: BusMessage<unknown>, fault: Fault) => Promise<void>;
  retryDelaysMs: readonly number[];
  closeDeadlineMs: number;
  log: BusLog;
  onEvent: (event: BusEvent) => void;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
};

/** Calls the handler for the messages of a queue, those of one key one after another, until closed. */
export function runSubscriber(options: SubscriberOptions): { wake: () => void; close(): Promise<void> } {
  const { queue, concurrency, closeDeadlineMs, log, topic, group } = options;
  const workers = runWorkers({
    queue,
    concurrency,
    work: (message, signal) => deliver(options, message, signal),
  });
  return {
    wake: workers.wake,
    async close() {
      if (await workers.close(closeDeadlineMs)) return;
      log.warn({ topic, group, closeDeadlineMs }, 'handler did not finish before the deadline');
    },
  };
}

/** Never throws. */
async function deliver(
  options: SubscriberOptions,
  message: BusMessage<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const { handle, sendToDeadLetter, onEvent, retryDelaysMs, sleep, log, topic, group } = options;
  const onRetry = () => onEvent('retried');
  const outcome = await attempt(() => handle(message), { retryDelaysMs, signal, sleep, onRetry });
  if (outcome.kind === 'handled') {
    onEvent('delivered');
    return;
  }
  onEvent('failed');
  if (outcome.kind === 'abandoned') return;
  const { reason, attempts, error } = outcome.fault;
  log.error({ topic, group, key: message.key, reason, attempts, err: error }, deadLetterLogMessage(topic));
  await sendToDeadLetter(message, outcome.fault);
}
