import { attempt } from './attempts.ts';
import type { Fault } from './attempts.ts';
import type { BusEvent, BusLog, BusMessage } from './event-bus.ts';
import type { PendingQueue } from './pending-queue.ts';
import { runWorkers } from './workers.ts';

export type SubscriberOptions = {
  topic: string;
  group: string;
  queue: PendingQueue<BusMessage<unknown>>;
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

/** Hands the messages of a queue to a handler, those of one key one after another, until it is closed. */
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
      log.warn({ topic, group, closeDeadlineMs }, 'a handler did not end in time');
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
