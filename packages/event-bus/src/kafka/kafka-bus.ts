import type { DeadLetterReason } from '@camplane/contracts/dead-letter';
import type { Topic } from '@camplane/contracts/topic';
import { BusError } from '../event-bus.ts';
import type { BusEvent, BusHandler, BusLog, EventBus, SubscribeOptions, Subscription } from '../event-bus.ts';
import { watchBrokers } from './broker-presence.ts';
import type { BrokerHealth } from './broker-presence.ts';
import { inTime } from './in-time.ts';
import { createKafkaAdmin } from './kafka-admin.ts';
import { createKafkaClient } from './kafka-client.ts';
import type { KafkaSecurity } from './kafka-security.ts';
import { subscribeToKafka } from './kafka-subscription.ts';
import type { KafkaSubscription } from './kafka-subscription.ts';
import { createPublisher } from './publisher.ts';
import { createTopicKeeper } from './topic-keeper.ts';

export type KafkaBusOptions = {
  /** As `host:port`; one reachable broker is enough to find the others. */
  brokers: readonly string[];
  /** Identifies this program in the broker's logs and quotas. */
  clientId: string;
  log: BusLog;
  /** TLS and login; plain text without a login if not set. */
  security?: KafkaSecurity;
  /** Called for each event of a message, for metrics. `reason` is set for dead letters. */
  onEvent?: (event: BusEvent, topic: string, reason?: DeadLetterReason) => void;
  /** Messages assigned to a group in this process and not yet handled. */
  onLag?: (messages: number, topic: string, group: string) => void;
  /** Delays before each retry of a failed handler: one retry per delay. */
  retryDelaysMs?: readonly number[];
  /** How long `close` waits for running handlers and for messages being published. */
  closeDeadlineMs?: number;
  /** How long `publish` waits for the broker to accept a message. */
  publishTimeoutMs?: number;
  /** How long `subscribe` waits for the broker. The subscription keeps retrying after that. */
  subscribeTimeoutMs?: number;
  /** Maximum messages per topic that wait for the broker, and their bytes. More are rejected at once. */
  maxPublishPending?: number;
  maxPublishPendingBytes?: number;
  /** Fetching pauses at this many unfinished messages per subscription, or bytes of them. */
  maxInFlight?: number;
  maxInFlightBytes?: number;
  /** Of topics that this process creates. */
  partitions?: number;
  /** Milliseconds since 1970. */
  now?: () => number;
};

export type KafkaBus = EventBus & {
  /** Whether a broker responds, for a readiness check. */
  health(): BrokerHealth;
};

/**
 * The bus over Kafka. Does not require a reachable broker: until there is one, published messages are rejected after
 * their timeout, and subscriptions keep retrying.
 */
export function createKafkaBus(options: KafkaBusOptions): KafkaBus {
  const { brokers, clientId, log, onEvent = () => undefined, onLag = () => undefined } = options;
  const { retryDelaysMs = [50, 200, 500], closeDeadlineMs = 2_000, now = Date.now } = options;
  const { publishTimeoutMs = 5_000, subscribeTimeoutMs = 10_000 } = options;
  const { maxPublishPending = 1_000, maxPublishPendingBytes = 32 * 1024 * 1024 } = options;
  const { maxInFlight = 256, maxInFlightBytes = 16 * 1024 * 1024 } = options;
  const { partitions = 6 } = options;
  const { security } = options;
  const kafka = createKafkaClient({ brokers, clientId, log, ...(security && { security }) });
  const admin = createKafkaAdmin(kafka);
  const topics = createTopicKeeper(admin, { partitions });
  const presence = watchBrokers(brokers, log);
  const publishing = { publishTimeoutMs, maxPublishPending, maxPublishPendingBytes };
  const publisher = createPublisher({ kafka, topics, presence, ...publishing });
  const subscriptions = new Set<KafkaSubscription>();
  let closed = false;

  function throwIfClosed(): void {
    if (closed) throw new BusError('closed', 'the bus is closed');
  }

  return {
    async publish(topic, key, value, headers = {}) {
      throwIfClosed();
      const parsed = topic.parse(value);
      if (!parsed.ok) {
        throw new BusError('invalid-value', `invalid value for the topic ${topic.name}: ${parsed.message}`);
      }
      const encoded = topic.encode(parsed.value);
      const { byteLength } = encoded.body;
      if (byteLength > topic.maxBytes) {
        const text = `a message of ${topic.name} has ${byteLength} bytes; the maximum is ${topic.maxBytes}`;
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
      throwIfClosed();
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
        log.warn(
          { topic: topic.name, group, subscribeTimeoutMs },
          'Kafka unreachable, subscription will start later',
        );
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
