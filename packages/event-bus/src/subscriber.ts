import type { BusEvent, BusHandler, BusLog, BusMessage } from './event-bus.ts';
import type { PendingQueue } from './pending-queue.ts';

export type SubscriberOptions = {
  topic: string;
  group: string;
  queue: PendingQueue;
  handler: BusHandler<unknown>;
  retryDelaysMs: readonly number[];
  closeDeadlineMs: number;
  log: BusLog;
  onEvent: (event: BusEvent) => void;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
};

/** Handlers that never wait would keep timers and sockets from their turn for as long as messages come. */
const messagesPerTurn = 32;

/** Hands the messages of a queue to a handler, one after another, until it is closed. */
export function runSubscriber(options: SubscriberOptions): { wake: () => void; close(): Promise<void> } {
  const { queue, closeDeadlineMs, log, topic, group } = options;
  const controller = new AbortController();
  const { signal } = controller;
  let working: Promise<void> | undefined;

  async function work(): Promise<void> {
    for (let count = 0; queue.length > 0 && !signal.aborted; count++) {
      if (count % messagesPerTurn === 0) await new Promise((resolve) => setImmediate(resolve));
      if (signal.aborted) return;
      const message = queue.shift();
      if (message) await deliver(options, message, signal);
    }
  }

  function wake(): void {
    if (working || signal.aborted) return;
    working = work().finally(() => {
      working = undefined;
      if (queue.length > 0) wake();
    });
  }

  return {
    wake,
    async close() {
      controller.abort();
      if (!working) return;
      const ended = await Promise.race([working.then(() => true), afterMs(closeDeadlineMs)]);
      if (ended !== true) log.warn({ topic, group, closeDeadlineMs }, 'a handler did not end in time');
    },
  };
}

/** Calls the handler until it succeeds, its attempts are used up, or the subscription closes. Never throws. */
async function deliver(
  options: SubscriberOptions,
  message: BusMessage<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const { handler, retryDelaysMs, onEvent, log, topic, group, sleep } = options;
  for (let attempt = 0; ; attempt++) {
    try {
      // A copy for each attempt: what a handler does to a message is nobody else's concern.
      await handler({ ...message, value: structuredClone(message.value) });
      onEvent('delivered');
      return;
    } catch (error) {
      const delayMs = retryDelaysMs[attempt];
      if (delayMs === undefined || signal.aborted) {
        onEvent('failed');
        log.error(
          { topic, group, key: message.key, attempts: attempt + 1, err: error },
          'a message was given up',
        );
        return;
      }
      onEvent('retried');
      // Ends early when the subscription closes; the next attempt is then the last.
      await sleep(delayMs, signal).catch(() => undefined);
      if (signal.aborted) {
        onEvent('failed');
        return;
      }
    }
  }
}

function afterMs(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), ms).unref());
}
