import { setTimeout as delay } from 'node:timers/promises';
import { detectionSchema } from '@camplane/contracts/camera';
import { framesTopic } from '@camplane/contracts/frame';
import { createKafkaBus } from '@camplane/event-bus/kafka/kafka-bus';
import { startKafka } from '@camplane/testkit/kafka';
import type { TestKafka } from '@camplane/testkit/kafka';
import { Kafka, logLevel } from 'kafkajs';
import type { BenchResult } from './bench-result.ts';
import { percentile } from './percentile.ts';

const bodyBytes = 100_000;
const messagesPerSecond = 100;
const secondsEach = 15;
const runs = 3;
/** The first messages set up topics, partitions and groups; they are not counted. */
const warmUpMessages = 200;
const patienceMs = 20_000;

/** Sends message `sequence` and resolves once the broker has accepted it. */
type Send = (sequence: number) => Promise<unknown>;
type Path = { send: Send; close(): Promise<void> };
type OpenPath = (kafka: TestKafka, onArrival: (sequence: number) => void) => Promise<Path>;

type Measured = { latenciesMs: number[]; lost: number };

/**
 * P8: frames of 100 KB, 100 per second, through the bus over a real Kafka broker, from the call of publish to the call
 * of the handler. The control is plain kafkajs on the same broker, alternating.
 */
export async function measureKafkaPath(): Promise<BenchResult> {
  const kafka = await startKafka();
  try {
    const ours: Measured[] = [];
    const plain: Measured[] = [];
    for (let run = 0; run < runs; run++) {
      plain.push(await measure(kafka, openPlain));
      ours.push(await measure(kafka, openBus));
    }
    const row = (share: number, target?: { limit: number }) => {
      const at = (measured: Measured[]) =>
        percentile(
          measured.flatMap(({ latenciesMs }) => latenciesMs),
          share,
        );
      const [value, control] = [at(ours), at(plain)];
      return {
        name: `latency p${share * 100}`,
        value,
        unit: 'ms',
        control,
        ratio: value / control,
        ...(target ? { target: `≤ ${target.limit} ms`, met: value <= target.limit } : {}),
      };
    };
    const lost = ours.reduce((sum, one) => sum + one.lost, 0);
    return {
      id: 'P8',
      title: `Kafka path: ${bodyBytes / 1000} KB × ${messagesPerSecond}/s`,
      rows: [
        row(0.5),
        row(0.95),
        row(0.99, { limit: 20 }),
        { name: 'lost', value: lost, unit: '', target: '= 0', met: lost === 0 },
      ],
      notes: [
        `${runs} runs of ${secondsEach} s each, alternating with the control: kafkajs, idempotent, one producer and one consumer`,
        'broker, producer and consumer share this machine',
      ],
    };
  } finally {
    await kafka.stop();
  }
}

async function measure(kafka: TestKafka, open: OpenPath): Promise<Measured> {
  const sentMs = new Map<number, number>();
  const latenciesMs = new Map<number, number>();
  const path = await open(kafka, (sequence) => {
    const sent = sentMs.get(sequence);
    if (sent !== undefined && !latenciesMs.has(sequence)) latenciesMs.set(sequence, performance.now() - sent);
  });
  try {
    const count = warmUpMessages + messagesPerSecond * secondsEach;
    const startedMs = performance.now();
    const sending: Promise<unknown>[] = [];
    for (let sequence = 0; sequence < count; sequence++) {
      const dueMs = startedMs + (sequence * 1000) / messagesPerSecond;
      if (dueMs > performance.now()) await delay(dueMs - performance.now());
      sentMs.set(sequence, performance.now());
      sending.push(path.send(sequence));
    }
    await Promise.all(sending);
    const deadlineMs = performance.now() + patienceMs;
    while (latenciesMs.size < count && performance.now() < deadlineMs) await delay(20);
    const counted = [...latenciesMs].filter(([sequence]) => sequence >= warmUpMessages);
    return { latenciesMs: counted.map(([, ms]) => ms), lost: count - latenciesMs.size };
  } finally {
    await path.close();
  }
}

const body = Buffer.alloc(bodyBytes, 0x5a);
const silent = { warn: () => undefined, error: () => undefined };
const cameraOf = (sequence: number) => `camera-${sequence % 10}`;

const openBus: OpenPath = async ({ brokers }, onArrival) => {
  const bus = createKafkaBus({ brokers, clientId: 'bench', log: silent });
  const group = `bench-${performance.now()}`;
  await bus.subscribe(framesTopic, { group, concurrency: 10 }, ({ value }) => onArrival(value.sequence));
  const detection = detectionSchema.parse({});
  return {
    send: (sequence) =>
      bus.publish(framesTopic, cameraOf(sequence), {
        jpeg: body,
        width: 640,
        height: 360,
        sequence,
        capturedAt: Date.now(),
        detection,
      }),
    close: () => bus.close(),
  };
};

const openPlain: OpenPath = async ({ brokers }, onArrival) => {
  const kafka = new Kafka({ brokers: [...brokers], clientId: 'plain', logLevel: logLevel.NOTHING });
  const topic = `plain-${Math.round(performance.now())}`;
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 6 }] });
  await admin.disconnect();
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 100 });
  await Promise.all([producer.connect(), consumer.connect()]);
  const joined = new Promise<void>((resolve) => consumer.on(consumer.events.GROUP_JOIN, () => resolve()));
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    partitionsConsumedConcurrently: 6,
    eachMessage: ({ message }) => {
      onArrival(Number(message.headers?.['sequence']?.toString()));
      return Promise.resolve();
    },
  });
  await joined;
  return {
    send: (sequence) =>
      producer.send({
        topic,
        messages: [{ key: cameraOf(sequence), value: body, headers: { sequence: String(sequence) } }],
      }),
    async close() {
      await consumer.disconnect();
      await producer.disconnect();
    },
  };
};
