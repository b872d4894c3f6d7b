import { expect, it } from '@jest/globals';
import { jsonTopic } from '@camplane/contracts/topic';
import { z } from 'zod';
import { countBusEvents, gaugeBusLag } from './bus-metrics.ts';
import { RejectedMessage } from './event-bus.ts';
import { createMemoryBus } from './memory-bus.ts';

it('counts events by topic', async () => {
  const counts = new Map<string, number>();
  const onEvent = countBusEvents({
    counter: ({ name }) => ({
      inc: (labels) => {
        const key = [name, ...Object.values<string>(labels)].join(' ');
        counts.set(key, (counts.get(key) ?? 0) + 1);
      },
    }),
  });
  const log = { warn: () => undefined, error: () => undefined };
  const bus = createMemoryBus({ maxPending: 1, log, onEvent });
  const topic = jsonTopic({ name: 'numbers', schema: z.number(), compacted: false });
  await bus.subscribe(topic, { group: 'a' }, ({ value }) => {
    if (value === 3) throw new RejectedMessage('not this one');
  });
  await bus.publish(topic, 'k', 1);
  await bus.publish(topic, 'k', 2);
  await settle();
  await bus.publish(topic, 'k', 3);
  await settle();
  await bus.close();
  expect(Object.fromEntries(counts)).toEqual({
    'camplane_bus_messages_total numbers published': 3,
    'camplane_bus_messages_total numbers dropped': 1,
    'camplane_bus_messages_total numbers delivered': 1,
    'camplane_bus_messages_total numbers failed': 1,
    'camplane_bus_messages_total numbers dead-lettered': 1,
    'camplane_bus_messages_total camplane.dead-letter published': 1,
    'camplane_bus_dead_letters_total numbers rejected': 1,
  });
});

it('reports the lag by topic and group, without the unique suffix of a process', () => {
  const set: object[] = [];
  const onLag = gaugeBusLag({
    gauge: ({ name }) => ({ set: (labels, value) => void set.push({ name, ...labels, value }) }),
  });
  onLag(3, 'camplane.frames', 'detection-service');
  onLag(0, 'camplane.detections', 'control-api-live-2365f602-8135-44c2-85cb-a89dd2475492');
  expect(set).toEqual([
    { name: 'camplane_bus_lag_messages', topic: 'camplane.frames', group: 'detection-service', value: 3 },
    { name: 'camplane_bus_lag_messages', topic: 'camplane.detections', group: 'control-api-live', value: 0 },
  ]);
});

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}
