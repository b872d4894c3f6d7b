import type { Consumer } from 'kafkajs';
import type { KafkaAdmin } from './kafka-admin.ts';

export type StartOptions = {
  admin: KafkaAdmin;
  consumer: Consumer;
  groupId: string;
  topic: string;
  fromBeginning: boolean;
  /** The partitions assigned to this member. */
  assigned: readonly number[];
};

/** The offset that kafkajs reports for a partition without a commit of the group. */
const noOffset = '-1';

/**
 * Commits the start position of a new group in every partition of the topic. Otherwise, until the first commit, every
 * start of a member would begin at the time of its first fetch and lose the messages before that.
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
