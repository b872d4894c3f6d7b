import { describe, expect, it } from '@jest/globals';
import { brokersSchema, defaultBusEnvironment } from './bus-variables.ts';
import { openBus } from './open-bus.ts';

const log = { warn: () => undefined, error: () => undefined };
const metrics = {
  counter: () => ({ inc: () => undefined }),
  gauge: () => ({ set: () => undefined }),
};

describe('openBus', () => {
  it('parses brokers', () => {
    expect(brokersSchema.parse('127.0.0.1:9092')).toEqual(['127.0.0.1:9092']);
    expect(brokersSchema.parse('kafka-0.kafka:9092, [::1]:9093')).toEqual([
      'kafka-0.kafka:9092',
      '[::1]:9093',
    ]);
  });

  it.each(['', 'kafka', 'kafka:', ':9092', 'kafka:99999', 'kafka:9092,', 'http://kafka:9092', 'a b:1'])(
    'refuses %j as brokers',
    (text) => {
      expect(brokersSchema.safeParse(text).success).toBe(false);
    },
  );

  it('opens a ready in-memory bus without brokers', async () => {
    const bus = openBus({ env: defaultBusEnvironment, clientId: 'test', log, metrics });
    expect(bus.health()).toEqual({ ok: true });
    await bus.close();
  });

  it('opens without a reachable broker and is not ready', async () => {
    const bus = openBus({
      env: { ...defaultBusEnvironment, KAFKA_BROKERS: ['127.0.0.1:1'] },
      ...{ clientId: 'test', log, metrics },
    });
    expect(bus.health()).toEqual({ ok: false, reason: expect.stringContaining('Kafka') });
    await bus.close();
  });
});
