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
import { createWaitingMessage } from './waiting-message.ts';

export type PublisherOptions = {
  kafka: Kafka;
  topics: TopicKeeper;
  presence: BrokerPresence;
  /** How long a message may wait for the broker to accept it. */
  publishTimeoutMs: number;
  /** Maximum waiting messages per topic, and their bytes. */
  maxPublishPending: number;
  maxPublishPendingBytes: number;
};

export type Publisher = {
  /** @throws {BusError} `unavailable`, `too-large` or `closed` */
  send(
    topic: Topic<unknown>,
    message: Pick<Outgoing, 'key' | 'body' | 'headers' | 'publishedAt'>,
  ): Promise<void>;
  /** Rejects further messages and waits up to `deadlineMs` for those in the queue to be sent. */
  close(deadlineMs: number): Promise<void>;
};

/** Retries within kafkajs, for faults that brokers resolve, such as a leader election; about five seconds in total. */
const sendRetry = { initialRetryTime: 100, multiplier: 1.5, maxRetryTime: 1_000, retries: 7 };
const retryDelayMs = 500;
const disconnectTimeoutMs = 500;
const tooLargeErrors = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'];

/**
 * Sends messages in order, one request at a time with all messages that wait. kafkajs alone would keep messages for the
 * whole time that the broker is unreachable; here each has a deadline and is never sent after it.
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
    // Messages published in the same turn of the event loop share a request.
    await Promise.resolve();
    while (queue.length > 0 && !end.signal.aborted) {
      try {
        await runOnce();
      } catch (error) {
        lastError = error;
        presence.down(error);
        await dropProducer();
        await sleep(retryDelayMs, undefined, { signal: end.signal }).catch(() => undefined);
      }
    }
  }

  async function runOnce(): Promise<void> {
    if (!producer) {
      producer = await connectProducer(kafka);
      presence.up();
    }
    let batch = queue.takeBatch();
    try {
      batch = await withoutMissingTopics(batch, topics);
      if (batch.length === 0) return;
      await producer.sendBatch({ acks: -1, topicMessages: byTopic(batch) });
    } catch (error) {
      if (refusalOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION') topics.forget();
      requeue(queue, batch, error);
      throw error;
    }
    presence.up();
    for (const message of batch) message.resolve();
  }

  /**
   * After a failed request it is unknown which messages the broker has. kafkajs would reuse their sequence numbers for
   * other messages, which the broker could then discard as duplicates. A failed producer is therefore replaced by one
   * with a new producer id.
   */
  async function dropProducer(): Promise<void> {
    const dropped = producer;
    producer = undefined;
    if (dropped) await inTime(dropped.disconnect(), disconnectTimeoutMs);
  }

  function unavailable(text: string): BusError {
    const cause = lastError === undefined ? '' : `: ${messageOf(lastError)}`;
    return new BusError('unavailable', `${text}${cause}`, { cause: lastError });
  }

  return {
    async send(topic, message) {
      if (closed) throw new BusError('closed', 'the bus is closed');
      const { outgoing, settled } = createWaitingMessage({ ...message, topic }, publishTimeoutMs, (late) => {
        queue.remove(late);
        late.reject(
          unavailable(`Kafka did not accept a message of ${topic.name} within ${publishTimeoutMs} ms`),
        );
      });
      if (queue.add(outgoing) === 'full') {
        outgoing.reject(unavailable(`the publish queue of ${topic.name} is full`));
      } else {
        wake();
      }
      return settled;
    },

    async close(deadlineMs) {
      closed = true;
      // Do not wait for a broker that does not respond.
      if (working && presence.health().ok) await inTime(working, deadlineMs);
      end.abort();
      for (let rest = queue.takeBatch(); rest.length > 0; rest = queue.takeBatch()) {
        for (const message of rest) message.reject(new BusError('closed', 'the bus was closed'));
      }
      await dropProducer();
    },
  };
}

async function connectProducer(kafka: Kafka): Promise<Producer> {
  const producer = kafka.producer({
    idempotent: true,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    retry: sendRetry,
  });
  try {
    await producer.connect();
  } catch (error) {
    void producer.disconnect().catch(() => undefined);
    throw error;
  }
  return producer;
}

/** Rejects the messages of topics that the broker refuses to create, so that they do not block other topics. */
async function withoutMissingTopics(batch: readonly Outgoing[], topics: TopicKeeper): Promise<Outgoing[]> {
  const missing = new Set<string>();
  for (const topic of new Set(batch.map((message) => message.topic))) {
    try {
      await topics.ensure(topic);
    } catch (error) {
      if (isConnectionError(error)) throw error;
      missing.add(topic.name);
      const text = `the topic ${topic.name} could not be created: ${messageOf(error)}`;
      for (const message of batch) {
        if (message.topic === topic) message.reject(new BusError('unavailable', text, { cause: error }));
      }
    }
  }
  return batch.filter((message) => !missing.has(message.topic.name));
}

/** Puts a failed batch back, unless it is a single message that is too large. */
function requeue(queue: PublishQueue, batch: Outgoing[], error: unknown): void {
  const refusal = refusalOf(error);
  const isTooLarge = !isConnectionError(error) && refusal !== undefined && tooLargeErrors.includes(refusal);
  const [only] = batch;
  if (isTooLarge && batch.length === 1 && only) {
    only.reject(new BusError('too-large', `the broker rejected a message of ${only.topic.name}: ${refusal}`));
    return;
  }
  const waiting = batch.filter(({ settled }) => !settled);
  // One of several messages is too large: send each alone to find it.
  if (isTooLarge) for (const message of waiting) message.alone = true;
  queue.putBack(waiting);
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
