import { afterAll, beforeAll } from '@jest/globals';
import { startKafka } from '@camplane/testkit/kafka';
import type { TestKafka } from '@camplane/testkit/kafka';
import { eventBusContract } from '../event-bus-contract.ts';
import { createKafkaBus } from './kafka-bus.ts';

let kafka: TestKafka;
beforeAll(async () => {
  kafka = await startKafka();
}, 120_000);
afterAll(() => kafka.stop());

eventBusContract(
  'Kafka',
  async (options) => createKafkaBus({ brokers: kafka.brokers, clientId: 'test', partitions: 3, ...options }),
  30_000,
);
