import type { Topic } from '@camplane/contracts/topic';
import type { ITopicConfig } from 'kafkajs';
import type { KafkaAdmin } from './kafka-admin.ts';

export type TopicDefaults = { partitions: number };

export type TopicKeeper = {
  /** Creates the topic if it does not exist. Resolves at once for a known topic. */
  ensure(topic: Topic<unknown>): Promise<void>;
  /** A broker does not know some topic: check all topics again. */
  forget(): void;
};

/** The broker's `default.replication.factor` (KIP-464). */
const brokerDefaultReplication = -1;

/** A broker applies the maximum message size to a record including its key, headers and framing. */
const headersMaxBytes = 256 * 1024;

/** Creates topics with their settings. An existing topic is not changed: its settings belong to the operator. */
export function createTopicKeeper(admin: KafkaAdmin, defaults: TopicDefaults): TopicKeeper {
  const known = new Map<string, Promise<void>>();
  return {
    ensure(topic) {
      const existing = known.get(topic.name);
      if (existing) return existing;
      const created = admin
        .use((client) => client.createTopics({ topics: [topicConfiguration(topic, defaults)] }))
        .then(() => undefined, rethrowFirst);
      known.set(topic.name, created);
      created.catch(() => {
        if (known.get(topic.name) === created) known.delete(topic.name);
      });
      return created;
    },
    forget: () => known.clear(),
  };
}

/** kafkajs throws "Topic creation errors" with the broker's errors inside. */
function rethrowFirst(error: unknown): never {
  const inner: unknown = error instanceof Error && 'errors' in error ? error.errors : undefined;
  throw (Array.isArray(inner) && inner[0] instanceof Error && inner[0]) || error;
}

export function topicConfiguration(topic: Topic<unknown>, defaults: TopicDefaults): ITopicConfig {
  const { name, compacted, retentionMs, maxBytes } = topic;
  const settings: Record<string, string> = {
    'cleanup.policy': compacted ? 'compact' : 'delete',
    'max.message.bytes': String(maxBytes + headersMaxBytes),
    ...(retentionMs === null ? {} : { 'retention.ms': String(retentionMs) }),
    // Kafka deletes only closed segments, and by default closes a segment after a week.
    ...(retentionMs === null ? {} : { 'segment.ms': String(Math.max(60_000, Math.ceil(retentionMs / 4))) }),
  };
  return {
    topic: name,
    numPartitions: defaults.partitions,
    replicationFactor: brokerDefaultReplication,
    configEntries: Object.entries(settings).map(([key, value]) => ({ name: key, value })),
  };
}
