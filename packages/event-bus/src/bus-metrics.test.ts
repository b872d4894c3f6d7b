import { expect, it } from '@jest/globals';
import { jsonTopic } from '@camplane/contracts/topic';
import { z } from 'zod';
import { countBusEvents } from './bus-metrics.ts';
import { createMemoryBus } from './memory-bus.ts';

it('counts what happens to messages, by topic', async () => {
  const counts = new Map<string, number>();
  const onEvent = countBusEvents({
    counter: ({ name }) => ({
      inc: ({ topic, event }) => {
        const key = `${name} ${topic} ${event}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      },
    }),
  });
  const log = { warn: () => undefined, error: () => undefined };
  const bus = createMemoryBus({ maxPending: 1, log, onEvent });
  const topic = jsonTopic({ name: 'numbers', schema: z.number(), compacted: false });
  await bus.subscribe(topic, { group: 'a' }, () => undefined);
  await bus.publish(topic, 'k', 1);
  await bus.publish(topic, 'k', 2);
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  await bus.close();
  expect(Object.fromEntries(counts)).toEqual({
    'camplane_bus_messages_total numbers published': 2,
    'camplane_bus_messages_total numbers dropped': 1,
    'camplane_bus_messages_total numbers delivered': 1,
  });
});
