import type { Topic } from '@camplane/contracts/topic';
import type { ITopicConfig } from 'kafkajs';
import type { KafkaAdmin } from './kafka-admin.ts';

export type TopicDefaults = { partitions: number };

export type TopicKeeper = {
  /** Makes the topic where there is none; once it is there, answers at once. */
  ensure(topic: Topic<unknown>): Promise<void>;
  /** A broker knows nothing of some topic: each is looked after anew. */
  forget(): void;
};

/** As many copies as the brokers' own `default.replication.factor` says (KIP-464). */
const copiesOfTheBroker = -1;

/** A broker holds the limit against a record with its key, headers and framing. */
const headersMaxBytes = 256 * 1024;

/**
 * Makes topics with their settings. One that is there already is left as it is: its settings are the operator's.
 */
export function createTopicKeeper(admin: KafkaAdmin, defaults: TopicDefaults): TopicKeeper {
  const known = new Map<string, Promise<void>>();
  return {
    ensure(topic) {
      const existing = known.get(topic.name);
      if (existing) return existing;
      const made = admin
        .use((client) => client.createTopics({ topics: [topicConfiguration(topic, defaults)] }))
        .then(() => undefined, rethrowFirst);
      known.set(topic.name, made);
      made.catch(() => {
        if (known.get(topic.name) === made) known.delete(topic.name);
      });
      return made;
    },
    forget: () => known.clear(),
  };
}

/** kafkajs says "Topic creation errors" alone of what the broker refused, and keeps its words inside. */
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
    // Only closed segments are deleted, and by default one is closed after a week.
    ...(retentionMs === null ? {} : { 'segment.ms': String(Math.max(60_000, Math.ceil(retentionMs / 4))) }),
  };
  return {
    topic: name,
    numPartitions: defaults.partitions,
    replicationFactor: copiesOfTheBroker,
    configEntries: Object.entries(settings).map(([key, value]) => ({ name: key, value })),
  };
}
