import type { DeadLetterReason } from '@camplane/contracts/dead-letter';
import type { Topic } from '@camplane/contracts/topic';
import { BusError } from '../event-bus.ts';
import type { BusEvent, BusHandler, BusLog, EventBus, SubscribeOptions, Subscription } from '../event-bus.ts';
import { watchBrokers } from './broker-presence.ts';
import type { BrokerHealth } from './broker-presence.ts';
import { inTime } from './in-time.ts';
import { createKafkaAdmin } from './kafka-admin.ts';
import { createKafkaClient } from './kafka-client.ts';
import { subscribeToKafka } from './kafka-subscription.ts';
import type { KafkaSubscription } from './kafka-subscription.ts';
import { createPublisher } from './publisher.ts';
import { createTopicKeeper } from './topic-keeper.ts';

export type KafkaBusOptions = {
  /** As `host:port`; one that answers is enough to find the others. */
  brokers: readonly string[];
  /** Names this program in the broker's logs and quotas. */
  clientId: string;
  log: BusLog;
  /** Called for each thing that happens to a message: the place to count it. The reason is that of a dead letter. */
  onEvent?: (event: BusEvent, topic: string, reason?: DeadLetterReason) => void;
  /** Messages that a group of this process has before it and has not done. */
  onLag?: (messages: number, topic: string, group: string) => void;
  /** Pauses before a failed handler is called again; as many as there are further attempts. */
  retryDelaysMs?: readonly number[];
  /** How long `close` waits for handlers that are at work, and for what is being published. */
  closeDeadlineMs?: number;
  /** How long `publish` waits for the broker to take a message over. */
  publishTimeoutMs?: number;
  /** How long `subscribe` waits for the broker. It goes on trying after that. */
  subscribeTimeoutMs?: number;
  /** Messages of one topic that may wait for the broker, and their bytes; more are refused at once. */
  maxPublishPending?: number;
  maxPublishPendingBytes?: number;
  /** Messages that one subscription has taken and not done, and their bytes, from which on it fetches no more. */
  maxInFlight?: number;
  maxInFlightBytes?: number;
  /** Of topics that are made. */
  partitions?: number;
  /** Milliseconds since 1970. */
  now?: () => number;
};

export type KafkaBus = EventBus & {
  /** Whether the broker answers, for a readiness check. */
  health(): BrokerHealth;
};

/**
 * The bus over Kafka. It is created whether or not a broker is there; what is published while there is none is
 * refused after its time limit, and subscriptions begin when it comes.
 */
export function createKafkaBus(options: KafkaBusOptions): KafkaBus {
  const { brokers, clientId, log, onEvent = () => undefined, onLag = () => undefined } = options;
  const { retryDelaysMs = [50, 200, 500], closeDeadlineMs = 2_000, now = Date.now } = options;
  const { publishTimeoutMs = 5_000, subscribeTimeoutMs = 10_000 } = options;
  const { maxPublishPending = 1_000, maxPublishPendingBytes = 32 * 1024 * 1024 } = options;
  const { maxInFlight = 256, maxInFlightBytes = 16 * 1024 * 1024 } = options;
  const { partitions = 6 } = options;
  const kafka = createKafkaClient({ brokers, clientId, log });
  const admin = createKafkaAdmin(kafka);
  const topics = createTopicKeeper(admin, { partitions });
  const presence = watchBrokers(brokers, log);
  const publishing = { publishTimeoutMs, maxPublishPending, maxPublishPendingBytes };
  const publisher = createPublisher({ kafka, topics, presence, ...publishing });
  const subscriptions = new Set<KafkaSubscription>();
  let closed = false;

  function refuseWhenClosed(): void {
    if (closed) throw new BusError('closed', 'the bus is closed');
  }

  return {
    async publish(topic, key, value, headers = {}) {
      refuseWhenClosed();
      const parsed = topic.parse(value);
      if (!parsed.ok) {
        throw new BusError('invalid-value', `a value is not fit for ${topic.name}: ${parsed.message}`);
      }
      const encoded = topic.encode(parsed.value);
      const { byteLength } = encoded.body;
      if (byteLength > topic.maxBytes) {
        const text = `a message of ${topic.name} has ${byteLength} bytes, more than ${topic.maxBytes}`;
        throw new BusError('too-large', text);
      }
      await publisher.send(topic, {
        key,
        body: encoded.body,
        headers: { ...headers, ...encoded.headers },
        publishedAt: now(),
      });
      onEvent('published', topic.name);
    },

    async subscribe<T>(
      topic: Topic<T>,
      subscribe: SubscribeOptions,
      handler: BusHandler<T>,
    ): Promise<Subscription> {
      refuseWhenClosed();
      const subscription = subscribeToKafka({
        ...subscribe,
        topic,
        handler,
        kafka,
        admin,
        topics,
        publisher,
        presence,
        log,
        onEvent: (event, reason) => onEvent(event, topic.name, reason),
        onLag: (messages) => onLag(messages, topic.name, subscribe.group),
        retryDelaysMs,
        closeDeadlineMs,
        maxInFlight,
        maxInFlightBytes,
        now,
      });
      subscriptions.add(subscription);
      if (!(await inTime(subscription.positioned, subscribeTimeoutMs))) {
        const { group } = subscribe;
        log.warn({ topic: topic.name, group, subscribeTimeoutMs }, 'a subscription waits for Kafka');
      }
      return {
        async close() {
          subscriptions.delete(subscription);
          await subscription.close();
        },
      };
    },

    async close() {
      closed = true;
      await Promise.all([...subscriptions].map((subscription) => subscription.close()));
      subscriptions.clear();
      await publisher.close(closeDeadlineMs);
      await admin.close();
    },

    health: () => presence.health(),
  };
}
