import { describe, expect, it } from '@jest/globals';
import { jsonTopic } from '@camplane/contracts/topic';
import { startKafka } from '@camplane/testkit/kafka';
import { Kafka, logLevel } from 'kafkajs';
import { z } from 'zod';
import { createKafkaBus } from './kafka-bus.ts';

const log = { warn: () => undefined, error: () => undefined };
const numbers = jsonTopic({ name: 'numbers', schema: z.number(), compacted: true });

async function publishOnce(settings: Record<string, string>) {
  const kafka = await startKafka({ settings });
  const bus = createKafkaBus({ brokers: kafka.brokers, clientId: 'test', log, publishTimeoutMs: 20_000 });
  const admin = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING }).admin();
  try {
    await bus.publish(numbers, 'k', 1);
    await admin.connect();
    const { topics } = await admin.fetchTopicMetadata({ topics: [numbers.name] });
    return topics[0]?.partitions.map(({ replicas }) => replicas.length);
  } finally {
    await admin.disconnect();
    await bus.close();
    await kafka.stop();
  }
}

describe('a topic that is missing', () => {
  it('is created with the default replication factor of the broker', async () => {
    expect(await publishOnce({})).toEqual([1, 1, 1, 1, 1, 1]);
  }, 120_000);

  it('is named in the error if the replication factor exceeds the number of brokers', async () => {
    await expect(publishOnce({ 'default.replication.factor': '2' })).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringMatching(/^the topic numbers could not be created: .*replication/i),
    });
  }, 120_000);
});
