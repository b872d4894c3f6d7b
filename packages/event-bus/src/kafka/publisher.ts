import { setTimeout as sleep } from 'node:timers/promises';
import type { Topic } from '@camplane/contracts/topic';
import { messageOf } from '@camplane/runtime/message-of';
import { Partitioners } from 'kafkajs';
import type { Kafka, Producer } from 'kafkajs';
import { BusError } from '../event-bus.ts';
import type { BrokerPresence } from './broker-presence.ts';
import { inTime } from './in-time.ts';
import { isConnectionError, refusalOf } from './kafka-client.ts';
import { PublishQueue } from './publish-queue.ts';
import type { Outgoing } from './publish-queue.ts';
import type { TopicKeeper } from './topic-keeper.ts';

export type PublisherOptions = {
  kafka: Kafka;
  topics: TopicKeeper;
  presence: BrokerPresence;
  /** How long a message may wait for the broker to take it over. */
  publishTimeoutMs: number;
  /** Messages of one topic that may wait, and their bytes. */
  maxPublishPending: number;
  maxPublishPendingBytes: number;
};

export type Publisher = {
  /** @throws {BusError} `unavailable`, `too-large` or `closed` */
  send(
    topic: Topic<unknown>,
    message: Pick<Outgoing, 'key' | 'body' | 'headers' | 'publishedAt'>,
  ): Promise<void>;
  /** Takes nothing more, and gives what waits this long to be sent. */
  close(deadlineMs: number): Promise<void>;
};

/** Within kafkajs, for what a broker mends itself, such as a new leader; in all about five seconds. */
const sendRetry = { initialRetryTime: 100, multiplier: 1.5, maxRetryTime: 1_000, retries: 7 };
const pauseAfterFailureMs = 500;
const disconnectTimeoutMs = 500;
const tooLargeRefusals = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'];

/**
 * Sends messages in their order, one request at a time, whatever waits at that moment together. kafkajs alone would
 * keep every message for as long as the broker is away: here each has its time limit, and what has not been sent when
 * it is over never is.
 */
export function createPublisher(options: PublisherOptions): Publisher {
  const { kafka, topics, presence, publishTimeoutMs, maxPublishPending, maxPublishPendingBytes } = options;
  const queue = new PublishQueue({ maxMessages: maxPublishPending, maxBytes: maxPublishPendingBytes });
  const end = new AbortController();
  let producer: Producer | undefined;
  let lastError: unknown;
  let closed = false;
  let working: Promise<void> | undefined;

  function wake(): void {
    working ??= run().finally(() => {
      working = undefined;
      if (queue.length > 0 && !end.signal.aborted) wake();
    });
  }

  async function run(): Promise<void> {
    // What is published in one turn of the event loop travels together.
    await Promise.resolve();
    while (queue.length > 0 && !end.signal.aborted) {
      try {
        await runOnce();
      } catch (error) {
        lastError = error;
        presence.down(error);
        await dropProducer();
        await sleep(pauseAfterFailureMs, undefined, { signal: end.signal }).catch(() => undefined);
      }
    }
  }

  async function runOnce(): Promise<void> {
    producer ??= await connect();
    let batch = queue.takeBatch();
    try {
      const unmade = await ensureTopics(batch);
      batch = batch.filter((message) => !unmade.has(message.topic.name));
      if (batch.length === 0) return;
      await producer.sendBatch({ acks: -1, topicMessages: byTopic(batch) });
    } catch (error) {
      refuse(batch, error);
      throw error;
    }
    presence.up();
    for (const message of batch) message.resolve();
  }

  /** A topic that the broker refuses to make holds up no other: what waits for it is refused, and it is named. */
  async function ensureTopics(batch: readonly Outgoing[]): Promise<Set<string>> {
    const unmade = new Set<string>();
    for (const topic of new Set(batch.map((message) => message.topic))) {
      try {
        await topics.ensure(topic);
      } catch (error) {
        if (isConnectionError(error)) throw error;
        unmade.add(topic.name);
        const text = `the topic ${topic.name} could not be made: ${messageOf(error)}`;
        for (const message of batch) {
          if (message.topic === topic) message.reject(new BusError('unavailable', text, { cause: error }));
        }
      }
    }
    return unmade;
  }

  async function connect(): Promise<Producer> {
    const created = kafka.producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: sendRetry,
    });
    try {
      await created.connect();
    } catch (error) {
      void created.disconnect().catch(() => undefined);
      throw error;
    }
    presence.up();
    return created;
  }

  /**
   * A request that failed leaves open what the broker has of it. The numbers that kafkajs gave its messages would be
   * given to others, which the broker might take for repetitions and pass over: so a failed producer is never used
   * again, and its successor has an id of its own.
   */
  async function dropProducer(): Promise<void> {
    const dropped = producer;
    producer = undefined;
    if (dropped) await inTime(dropped.disconnect(), disconnectTimeoutMs);
  }

  /** Sends again what may succeed yet. */
  function refuse(batch: Outgoing[], error: unknown): void {
    const refusal = refusalOf(error);
    if (refusal === 'UNKNOWN_TOPIC_OR_PARTITION') topics.forget();
    const again = isConnectionError(error) || refusal === undefined || !tooLargeRefusals.includes(refusal);
    const [only] = batch;
    if (!again && batch.length === 1 && only) {
      only.reject(
        new BusError('too-large', `the broker refused a message of ${only.topic.name}: ${refusal}`),
      );
      return;
    }
    const waiting = batch.filter(({ settled }) => !settled);
    if (!again) for (const message of waiting) message.alone = true;
    queue.putBack(waiting);
  }

  return {
    send(topic, message) {
      return new Promise((resolve, reject) => {
        if (closed) return reject(new BusError('closed', 'the bus is closed'));
        const settle = (finish: () => void) => {
          if (outgoing.settled) return;
          outgoing.settled = true;
          clearTimeout(timer);
          finish();
        };
        const outgoing: Outgoing = {
          ...message,
          topic: topic,
          alone: false,
          settled: false,
          resolve: () => settle(resolve),
          reject: (error) => settle(() => reject(error)),
        };
        const because = () => (lastError === undefined ? '' : `: ${messageOf(lastError)}`);
        const timer = setTimeout(() => {
          queue.remove(outgoing);
          const text = `Kafka did not take a message of ${topic.name} within ${publishTimeoutMs} ms${because()}`;
          outgoing.reject(new BusError('unavailable', text, { cause: lastError }));
        }, publishTimeoutMs);
        if (queue.add(outgoing) === 'full') {
          const text = `too many messages of ${topic.name} wait for Kafka${because()}`;
          outgoing.reject(new BusError('unavailable', text, { cause: lastError }));
          return;
        }
        wake();
      });
    },

    async close(deadlineMs) {
      closed = true;
      // Where no broker answers, waiting for it would help nothing.
      if (working && presence.health().ok) await inTime(working, deadlineMs);
      end.abort();
      for (let rest = queue.takeBatch(); rest.length > 0; rest = queue.takeBatch()) {
        for (const message of rest) message.reject(new BusError('closed', 'the bus was closed'));
      }
      await dropProducer();
    },
  };
}

function byTopic(batch: readonly Outgoing[]) {
  const topics = Map.groupBy(batch, ({ topic }) => topic.name);
  return [...topics].map(([topic, messages]) => ({
    topic,
    messages: messages.map(({ key, body, headers, publishedAt }) => ({
      key,
      value: Buffer.from(body.buffer, body.byteOffset, body.byteLength),
      headers: { ...headers },
      timestamp: String(publishedAt),
    })),
  }));
}
