import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { deadLetterTopic } from '@camplane/contracts/dead-letter';
import type { DeadLetter } from '@camplane/contracts/dead-letter';
import { framesTopic } from '@camplane/contracts/frame';
import { jsonTopic } from '@camplane/contracts/topic';
import type { Topic } from '@camplane/contracts/topic';
import { startKafka } from '@camplane/testkit/kafka';
import type { TestKafka } from '@camplane/testkit/kafka';
import { waitUntil } from '@camplane/testkit/wait-until';
import { Kafka, logLevel } from 'kafkajs';
import { z } from 'zod';
import type { BusEvent, BusMessage } from '../event-bus.ts';
import { createKafkaBus } from './kafka-bus.ts';
import type { KafkaBus, KafkaBusOptions } from './kafka-bus.ts';

const patienceMs = 60_000;
let kafka: TestKafka;
const buses: KafkaBus[] = [];
let sequence = 0;

beforeAll(async () => {
  kafka = await startKafka();
}, 120_000);
afterAll(() => kafka.stop());
afterEach(async () => {
  await Promise.all(buses.splice(0).map((bus) => bus.close()));
}, 60_000);

function start(options: Partial<KafkaBusOptions> = {}) {
  const logged: string[] = [];
  const events: BusEvent[] = [];
  const log = (_fields: object, message: string) => void logged.push(message);
  const bus = createKafkaBus({
    brokers: kafka.brokers,
    clientId: 'test',
    log: { warn: log, error: log },
    onEvent: (event) => events.push(event),
    retryDelaysMs: [1, 2],
    partitions: 3,
    ...options,
  });
  buses.push(bus);
  return { bus, logged, events };
}

function numbersTopic(maxBytes?: number): Topic<number> {
  sequence += 1;
  const name = `faults.${process.pid}.${Date.now()}.${sequence}`;
  return jsonTopic({ name, schema: z.number(), compacted: false, ...(maxBytes ? { maxBytes } : {}) });
}

function until(condition: () => boolean, what: string, timeoutMs = patienceMs): Promise<unknown> {
  return waitUntil(condition, (held) => held, { what, timeoutMs });
}

/** Raw messages, as any client can send them. */
async function sendRaw(topic: string, messages: { key: string; value: Buffer | null }[]): Promise<void> {
  const client = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING });
  const producer = client.producer();
  await producer.connect();
  await producer.send({ topic, messages });
  await producer.disconnect();
}

describe('invalid messages', () => {
  it('sends undecodable bytes to the dead-letter topic and continues with the partition', async () => {
    const { bus, events } = start();
    const numbers = numbersTopic();
    const letters: BusMessage<DeadLetter>[] = [];
    const seen: number[] = [];
    await bus.subscribe(deadLetterTopic, { group: `of-${numbers.name}` }, (message) => {
      if (message.value.headers['error-topic'] === numbers.name) letters.push(message);
    });
    const subscription = await bus.subscribe(numbers, { group: 'a' }, ({ value }) => void seen.push(value));
    const wrong = [Buffer.from([0xff, 0xfe]), Buffer.from('{"n":'), Buffer.from('"seven"'), null];
    await sendRaw(
      numbers.name,
      wrong.map((value) => ({ key: 'k', value })),
    );
    await bus.publish(numbers, 'k', 7);
    await until(() => seen.length > 0 && letters.length === 4, 'four letters and the good message');
    expect(seen).toEqual([7]);
    expect(letters.map(({ value }) => value.headers['error-kind'])).toEqual(Array(4).fill('undecodable'));
    expect(Buffer.from(letters[0]?.value.body ?? [])).toEqual(Buffer.from([0xff, 0xfe]));
    expect(letters[2]?.value.headers['error-message']).toContain('number');
    expect(events.filter((event) => event === 'dead-lettered')).toHaveLength(4);
    // A dead letter is committed: another member does not receive the message again.
    await subscription.close();
    const again: number[] = [];
    await bus.subscribe(numbers, { group: 'a' }, ({ value }) => void again.push(value));
    await bus.publish(numbers, 'k', 8);
    await until(() => again.length > 0, 'the next message');
    expect(again).toEqual([8]);
    expect(letters).toHaveLength(4);
  }, 120_000);

  it('rejects a message that is too large for the topic or for the broker', async () => {
    const { bus } = start();
    const numbers = numbersTopic(16);
    await expect(bus.publish(numbers, 'k', 1.2345678901234567e100)).rejects.toMatchObject({
      kind: 'too-large',
    });
    // Only the broker counts the header.
    const header = { much: 'x'.repeat(400_000) };
    await expect(bus.publish(numbers, 'k', 1, header)).rejects.toMatchObject({ kind: 'too-large' });
    await bus.publish(numbers, 'k', 1);
    expect(bus.health()).toEqual({ ok: true });
  }, 60_000);
});

describe('back-pressure', () => {
  it('stops fetching at its limit while handlers are stuck, and loses nothing', async () => {
    const { bus } = start({ maxInFlight: 20, publishTimeoutMs: patienceMs });
    const bytesTopic: Topic<Uint8Array> = {
      ...(framesTopic as unknown as Topic<Uint8Array>),
      name: numbersTopic().name,
      parse: (value) => ({ ok: true, value: value as Uint8Array }),
      encode: (body) => ({ body, headers: {} }),
      decode: (body) => ({ ok: true, value: body }),
    };
    const total = 2_000;
    const body = new Uint8Array(100_000).fill(7);
    for (let n = 0; n < total; n += 40) {
      const keys = Array.from({ length: 40 }, (_, i) => `k${(n + i) % 16}`);
      await Promise.all(keys.map((key) => bus.publish(bytesTopic, key, body)));
    }
    let release = () => undefined as void;
    const gate = new Promise<void>((resolve) => (release = resolve));
    let started = 0;
    let handled = 0;
    const bytesBefore = process.memoryUsage().arrayBuffers;
    const options = { group: 'slow', fromBeginning: true, concurrency: 8 };
    await bus.subscribe(bytesTopic, options, async () => {
      started += 1;
      await gate;
      handled += 1;
    });
    // At most one per key of the first fetch, which may be from a single partition.
    await until(() => started > 0, 'the first handlers run');
    let most = 0;
    // Long enough to fetch everything without back-pressure.
    for (const begin = performance.now(); performance.now() - begin < 2_000;) {
      most = Math.max(most, process.memoryUsage().arrayBuffers - bytesBefore);
      await delay(20);
    }
    expect(started).toBeLessThanOrEqual(8);
    // The limit is about 2 MB. One fetch may exceed it by 8 MiB, held twice: the response and the copies.
    expect(most).toBeLessThan(60 * 1024 * 1024);
    release();
    await until(() => handled >= total, 'all are handled');
    expect(handled).toBe(total);
  }, 120_000);
});

describe('a broker outage', () => {
  it('keeps accepted messages across SIGKILL, and reconnects within 10 s', async () => {
    const { bus, logged } = start({ publishTimeoutMs: 3_000 });
    const numbers = numbersTopic();
    const seen = new Set<number>();
    await bus.subscribe(numbers, { group: 'a', concurrency: 4 }, ({ value }) => void seen.add(value));
    const accepted = new Set<number>();
    let refused = 0;
    let n = 0;
    let publishing = true;
    let acceptedAt = 0;
    const publisher = (async () => {
      while (publishing) {
        n += 1;
        const value = n;
        await bus.publish(numbers, `k${value % 5}`, value).then(
          () => {
            accepted.add(value);
            acceptedAt = performance.now();
          },
          () => void (refused += 1),
        );
        await delay(5);
      }
    })();
    await until(() => accepted.size > 50, 'messages flow');
    await kafka.kill();
    await until(() => refused > 0, 'publishing fails');
    await until(() => !bus.health().ok, 'health reports it');
    await kafka.restart();
    const back = performance.now();
    await until(() => acceptedAt > back, 'a message is accepted');
    const recoveredMs = acceptedAt - back;
    const atRecovery = n;
    await until(() => [...seen].some((value) => value > atRecovery), 'a message is delivered');
    const deliveredMs = performance.now() - back;
    publishing = false;
    await publisher;
    await until(() => [...accepted].every((value) => seen.has(value)), 'all accepted messages are delivered');
    expect(bus.health()).toEqual({ ok: true });
    expect(recoveredMs).toBeLessThan(10_000);
    expect(deliveredMs).toBeLessThan(10_000);
    expect(logged.filter((message) => message.includes('Kafka unreachable, will retry'))).toHaveLength(1);
    expect(logged.filter((message) => message.includes('reachable again'))).toHaveLength(1);
  }, 180_000);

  it('rejects messages at once when the queue is full, and waiting ones after their timeout', async () => {
    const { bus } = start({ brokers: ['127.0.0.1:1'], publishTimeoutMs: 700, maxPublishPending: 3 });
    const numbers = numbersTopic();
    const waiting = [1, 2, 3].map((n) => bus.publish(numbers, 'k', n).catch((error: unknown) => error));
    const before = performance.now();
    await expect(bus.publish(numbers, 'k', 4)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(performance.now() - before).toBeLessThan(500);
    for (const outcome of await Promise.all(waiting)) expect(outcome).toMatchObject({ kind: 'unavailable' });
    expect(performance.now() - before).toBeLessThan(5_000);
    await bus.close();
  }, 30_000);

  it('starts without a broker and works once it is reachable', async () => {
    await kafka.kill();
    const { bus, logged } = start({ subscribeTimeoutMs: 500, publishTimeoutMs: 500 });
    const numbers = numbersTopic();
    const seen: number[] = [];
    const options = { group: 'a', fromBeginning: true };
    await bus.subscribe(numbers, options, ({ value }) => void seen.push(value));
    await expect(bus.publish(numbers, 'k', 1)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(logged).toContain('Kafka unreachable, subscription will start later');
    await kafka.restart();
    await until(() => bus.health().ok, 'the broker is found', 10_000);
    const publish = () =>
      bus.publish(numbers, 'k', 2).then(
        () => true,
        () => false,
      );
    await waitUntil(publish, (taken) => taken, { what: 'a message is accepted', timeoutMs: 10_000 });
    await until(() => seen.includes(2), 'it is delivered', 10_000);
  }, 180_000);
});

describe('a group with changing members', () => {
  it('loses nothing and keeps the order of each key while members join and leave under load', async () => {
    const numbers = numbersTopic();
    const handled: { member: number; key: string; value: number }[] = [];
    const member = (index: number) => async (message: BusMessage<number>) => {
      await delay(1);
      handled.push({ member: index, key: message.key, value: message.value });
    };
    const [first, second] = [start(), start()];
    await first.bus.subscribe(numbers, { group: 'a', concurrency: 4 }, member(1));
    const [totalMin, totalMax] = [1_500, 50_000];
    let total = 0;
    let bothWorked = false;
    const publisher = (async () => {
      while (total < totalMin || (!bothWorked && total < totalMax)) {
        await first.bus.publish(numbers, `k${total % 12}`, total);
        total += 1;
      }
    })();
    await until(() => handled.length > 100, 'the first member works');
    const joined = await second.bus.subscribe(numbers, { group: 'a', concurrency: 4 }, member(2));
    await until(() => handled.some((entry) => entry.member === 2), 'the second member works');
    bothWorked = true;
    await joined.close();
    const atLeave = handled.length;
    await until(() => handled.length > atLeave, 'the first member continues');
    await publisher;
    const distinct = () => new Set(handled.map(({ value }) => value));
    await until(() => distinct().size === total, 'all are handled');
    for (let key = 0; key < 12; key++) {
      // Messages may be redelivered; first deliveries are in order.
      const firsts = [
        ...new Set(handled.filter((entry) => entry.key === `k${key}`).map(({ value }) => value)),
      ];
      expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
    }
  }, 180_000);
});
