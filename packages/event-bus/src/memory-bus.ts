import { setTimeout as sleep } from 'node:timers/promises';
import { deadLetterOf, deadLetterTopic } from '@camplane/contracts/dead-letter';
import type { DeadLetterReason } from '@camplane/contracts/dead-letter';
import type { Topic as MessageTopic } from '@camplane/contracts/topic';
import { messageOf } from '@camplane/runtime/message-of';
import type { Fault } from './attempts.ts';
import { BusError } from './event-bus.ts';
import type { BusEvent, BusHandler, BusLog, BusMessage, EventBus, SubscribeOptions } from './event-bus.ts';
import { MemoryTopic } from './memory-topic.ts';
import type { Member } from './memory-topic.ts';
import { PendingQueue } from './pending-queue.ts';
import { runSubscriber } from './subscriber.ts';

export type MemoryBusOptions = {
  /** Maximum waiting messages per subscriber. Of a compacted topic only the latest of each key waits. */
  maxPending: number;
  log: BusLog;
  /** Called for each event of a message, for metrics. `reason` is set for dead letters. */
  onEvent?: (event: BusEvent, topic: string, reason?: DeadLetterReason) => void;
  /** Keys whose latest value a compacted topic retains. Beyond that, the least recently published key is evicted. */
  maxRetainedKeys?: number;
  /** Delays before each retry of a failed handler: one retry per delay. */
  retryDelaysMs?: readonly number[];
  /** How long `close` waits for running handlers. */
  closeDeadlineMs?: number;
  /** Milliseconds since 1970. */
  now?: () => number;
};

/**
 * The bus within one process. Nothing survives a restart, and only compacted topics retain messages for later
 * subscribers. Each subscriber receives its own copy of a value, made by the topic. Values are encoded only for dead
 * letters and when headers are read.
 */
export function createMemoryBus(options: MemoryBusOptions): EventBus {
  const { maxPending, log, onEvent = () => undefined, now = Date.now } = options;
  const { maxRetainedKeys = 10_000, retryDelaysMs = [50, 200, 500], closeDeadlineMs = 2_000 } = options;
  const topics = new Map<string, MemoryTopic>();
  const members = new Set<Member>();
  let closed = false;

  function topicOf(topic: MessageTopic<unknown>): MemoryTopic {
    const existing = topics.get(topic.name);
    if (existing) return existing;
    const created = new MemoryTopic(topic, maxRetainedKeys, (event) => onEvent(event, topic.name));
    topics.set(topic.name, created);
    return created;
  }

  async function sendToDeadLetter(
    topic: MessageTopic<unknown>,
    group: string,
    message: BusMessage<unknown>,
    { reason, error, attempts }: Fault,
  ): Promise<void> {
    if (topic.name === deadLetterTopic.name || closed) return;
    try {
      const about = { topic: topic.name, group, reason, message: messageOf(error), attempts, at: now() };
      const letter = deadLetterOf({ ...topic.encode(message.value), headers: message.headers }, about);
      topicOf(deadLetterTopic).accept(messageWith(deadLetterTopic, message.key, letter, {}, now()));
      onEvent('dead-lettered', topic.name, reason);
    } catch (err) {
      const { key } = message;
      log.error(
        { topic: topic.name, group, key, err },
        'message cannot be encoded as a dead letter, dropping it',
      );
    }
  }

  function join<T>(topic: MessageTopic<T>, options: SubscribeOptions, handler: BusHandler<T>): Member {
    const { group, concurrency = 1, maxPendingPerKey } = options;
    const memoryTopic = topicOf(topic);
    const queue = new PendingQueue<BusMessage<unknown>>({
      compacted: topic.compacted,
      maxPending,
      ...(maxPendingPerKey === undefined ? {} : { maxPendingPerKey }),
    });
    const subscriber = runSubscriber({
      topic: topic.name,
      group,
      queue,
      concurrency,
      // A copy for each attempt: a handler may modify its message.
      handle: (message) => handler(copyOf(topic, message as BusMessage<T>)),
      sendToDeadLetter: (message, fault) => sendToDeadLetter(memoryTopic.topic, group, message, fault),
      retryDelaysMs,
      closeDeadlineMs,
      log,
      onEvent: (event) => onEvent(event, topic.name),
      sleep: (ms, signal) => sleep(ms, undefined, { signal, ref: false }),
    });
    const member: Member = {
      queue,
      wake: subscriber.wake,
      async close() {
        members.delete(member);
        memoryTopic.leave(group, member);
        await subscriber.close();
        memoryTopic.redistribute(group, member);
      },
    };
    memoryTopic.join(group, member);
    members.add(member);
    return member;
  }

  return {
    async publish(topic, key, value, headers = {}) {
      if (closed) throw new BusError('closed', 'the bus is closed');
      const parsed = topic.parse(value);
      if (!parsed.ok) {
        throw new BusError('invalid-value', `invalid value for the topic ${topic.name}: ${parsed.message}`);
      }
      topicOf(topic).accept(messageWith(topic, key, parsed.value, headers, now()));
    },

    async subscribe(topic, options, handler) {
      if (closed) throw new BusError('closed', 'the bus is closed');
      const memoryTopic = topicOf(topic);
      const isNewGroup = !memoryTopic.hasGroup(options.group);
      const member = join(topic, options, handler);
      if (options.fromBeginning === true && isNewGroup) memoryTopic.replay(member);
      return { close: () => member.close() };
    },

    async close() {
      closed = true;
      await Promise.all([...members].map((member) => member.close()));
      topics.clear();
    },
  };
}

/** Merges the given headers with those of the encoding, lazily. */
function messageWith<T>(
  topic: MessageTopic<T>,
  key: string,
  value: T,
  given: Readonly<Record<string, string>>,
  publishedAt: number,
): BusMessage<T> {
  const own = { ...given };
  let headers: Readonly<Record<string, string>> | undefined;
  return {
    key,
    value,
    publishedAt,
    get headers() {
      headers ??= { ...own, ...topic.encode(value).headers };
      return headers;
    },
  };
}

function copyOf<T>(topic: MessageTopic<T>, message: BusMessage<T>): BusMessage<T> {
  const { key, value, publishedAt } = message;
  return {
    key,
    value: topic.copy(value),
    publishedAt,
    get headers() {
      return { ...message.headers };
    },
  };
}
