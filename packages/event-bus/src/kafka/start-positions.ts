import type { Consumer } from 'kafkajs';
import type { KafkaAdmin } from './kafka-admin.ts';

export type StartOptions = {
  admin: KafkaAdmin;
  consumer: Consumer;
  groupId: string;
  topic: string;
  fromBeginning: boolean;
  /** The partitions that this member has. */
  assigned: readonly number[];
};

/** What kafkajs calls the offset of a partition in which a group has committed nothing. */
const noOffset = '-1';

/**
 * Commits where a new group begins, for every partition of the topic. Without it "now" would be the moment of a
 * partition's first fetch, in each start of each member until something is committed, and what came between is lost.
 */
export async function fixStartPositions(options: StartOptions): Promise<void> {
  const { admin, consumer, groupId, topic, fromBeginning, assigned } = options;
  const committed = await admin.use((client) => client.fetchOffsets({ groupId, topics: [topic] }));
  const ends = await admin.use((client) => client.fetchTopicOffsets(topic));
  const known = new Map(committed[0]?.partitions.map(({ partition, offset }) => [partition, offset]));
  const starts = ends
    .filter(({ partition }) => (known.get(partition) ?? noOffset) === noOffset)
    .map(({ partition, low, high }) => ({ topic, partition, offset: fromBeginning ? low : high }));
  if (starts.length === 0) return;
  await consumer.commitOffsets(starts);
  for (const start of starts) if (assigned.includes(start.partition)) consumer.seek(start);
}
