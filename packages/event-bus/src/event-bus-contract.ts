import { afterEach, describe, expect, it } from '@jest/globals';
import { deadLetterTopic } from '@camplane/contracts/dead-letter';
import type { DeadLetter } from '@camplane/contracts/dead-letter';
import { framesTopic } from '@camplane/contracts/frame';
import type { Frame } from '@camplane/contracts/frame';
import type { Topic } from '@camplane/contracts/topic';
import { frameOf, numbers, reading, readingsTopic, waitUntil } from './bus-under-test.ts';
import type { BusUnderTest, CreateBusUnderTest, Reading } from './bus-under-test.ts';
import { BusError, RejectedMessage } from './event-bus.ts';
import type { BusMessage, EventBus } from './event-bus.ts';

/** The tests that every adapter must pass. */
export function eventBusContract(name: string, createBus: CreateBusUnderTest, patienceMs = 5_000): void {
  describe(`event bus: ${name}`, () => {
    const buses: EventBus[] = [];

    afterEach(async () => {
      await Promise.all(buses.splice(0).map((bus) => bus.close()));
    });

    async function start(): Promise<BusUnderTest> {
      const events: BusUnderTest['events'] = [];
      const logged: object[] = [];
      const bus = await createBus({
        log: { warn: (fields) => logged.push(fields), error: (fields) => logged.push(fields) },
        onEvent: (event, topic, reason) => {
          events.push({ event, topic, ...(reason === undefined ? {} : { reason }) });
        },
        retryDelaysMs: [1, 2, 4],
      });
      buses.push(bus);
      return { bus, events, logged };
    }
    const until = (condition: () => boolean) => waitUntil(condition, patienceMs);
    /** The dead letters of one topic. */
    async function lettersOf(
      bus: EventBus,
      { name }: Topic<unknown>,
      meanwhile: () => void = () => undefined,
    ): Promise<BusMessage<DeadLetter>[]> {
      const letters: BusMessage<DeadLetter>[] = [];
      await bus.subscribe(deadLetterTopic, { group: `letters-of-${name}` }, (message) => {
        if (message.value.headers['error-topic'] !== name) return;
        letters.push(message);
        meanwhile();
      });
      return letters;
    }

    it('delivers a message with its key, value, headers and time', async () => {
      const { bus } = await start();
      const readings = readingsTopic(false);
      const seen: BusMessage<Reading>[] = [];
      await bus.subscribe(readings, { group: 'a' }, (message) => void seen.push(message));
      const before = Date.now();
      await bus.publish(readings, 'front-door', { n: 7, tags: ['x'] }, { 'trace-id': 'abc' });
      await until(() => seen.length === 1);
      expect(seen[0]).toMatchObject({
        key: 'front-door',
        value: { n: 7, tags: ['x'] },
        headers: { 'trace-id': 'abc', 'content-type': 'application/json' },
      });
      expect(seen[0]?.publishedAt).toBeGreaterThanOrEqual(before);
      expect(seen[0]?.publishedAt).toBeLessThanOrEqual(Date.now());
    });

    it('rejects a value that does not match the schema', async () => {
      const { bus } = await start();
      const readings = readingsTopic(false);
      const seen: BusMessage<Reading>[] = [];
      await bus.subscribe(readings, { group: 'a' }, (message) => void seen.push(message));
      const wrong = { n: 'seven' } as unknown as Reading;
      await expect(bus.publish(readings, 'k', wrong)).rejects.toMatchObject({ kind: 'invalid-value' });
      await bus.publish(readings, 'k', reading(1));
      await until(() => seen.length > 0);
      expect(numbers(seen)).toEqual([1]);
    });

    it('delivers the parsed value, with defaults', async () => {
      const { bus } = await start();
      const readings = readingsTopic(false);
      const seen: BusMessage<Reading>[] = [];
      await bus.subscribe(readings, { group: 'a' }, (message) => void seen.push(message));
      await bus.publish(readings, 'k', { n: 1 } as Reading);
      await until(() => seen.length === 1);
      expect(seen[0]?.value).toEqual({ n: 1, tags: [] });
    });

    it('keeps the order of each key', async () => {
      const { bus } = await start();
      const readings = readingsTopic(false);
      const seen: BusMessage<Reading>[] = [];
      await bus.subscribe(readings, { group: 'a' }, async (message) => {
        // Uneven durations would reveal messages that overtake others.
        await new Promise((resolve) => setTimeout(resolve, message.value.n % 3));
        seen.push(message);
      });
      for (let n = 0; n < 40; n++) await bus.publish(readings, n % 2 === 0 ? 'even' : 'odd', reading(n));
      await until(() => seen.length === 40);
      for (const key of ['even', 'odd']) {
        const ofKey = numbers(seen.filter((message) => message.key === key));
        expect(ofKey).toHaveLength(20);
        expect(ofKey).toEqual([...ofKey].sort((a, b) => a - b));
      }
    });

    it('delivers all messages to every group', async () => {
      const { bus } = await start();
      const readings = readingsTopic(false);
      const seen: Record<string, BusMessage<Reading>[]> = { a: [], b: [] };
      for (const group of ['a', 'b']) {
        await bus.subscribe(readings, { group }, (message) => void seen[group]?.push(message));
      }
      for (let n = 0; n < 5; n++) await bus.publish(readings, `camera-${n}`, reading(n));
      await until(() => seen.a?.length === 5 && seen.b?.length === 5);
      expect(numbers(seen.a ?? []).sort()).toEqual([0, 1, 2, 3, 4]);
    });

    it('delivers each message to one member of a group, and a key always to the same one', async () => {
      const { bus } = await start();
      const readings = readingsTopic(false);
      const seen: BusMessage<Reading>[][] = [[], []];
      for (const mine of seen) {
        await bus.subscribe(readings, { group: 'a' }, (message) => void mine.push(message));
      }
      for (let n = 0; n < 60; n++) await bus.publish(readings, `camera-${n % 20}`, reading(n));
      await until(() => seen.flat().length >= 60);
      expect(numbers(seen.flat()).sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, n) => n));
      const [first, second] = seen.map((mine) => new Set(mine.map((message) => message.key)));
      expect([...(first ?? [])].filter((key) => second?.has(key))).toEqual([]);
      expect(first?.size).toBeGreaterThan(0);
      expect(second?.size).toBeGreaterThan(0);
    });

    it('replays the latest value of each key of a compacted topic to a new group on request', async () => {
      const { bus } = await start();
      const readings = readingsTopic(true);
      await bus.publish(readings, 'a', reading(1));
      await bus.publish(readings, 'b', reading(2));
      await bus.publish(readings, 'a', reading(3));
      const seen = new Map<string, number>();
      await bus.subscribe(readings, { group: 'late', fromBeginning: true }, (message) => {
        seen.set(message.key, message.value.n);
      });
      await until(() => seen.get('a') === 3 && seen.get('b') === 2);
    });

    it('delivers only later messages to a group that does not start from the beginning', async () => {
      const { bus } = await start();
      const readings = readingsTopic(true);
      await bus.publish(readings, 'a', reading(1));
      const seen: BusMessage<Reading>[] = [];
      await bus.subscribe(readings, { group: 'now' }, (message) => void seen.push(message));
      await bus.publish(readings, 'b', reading(2));
      await until(() => seen.length > 0);
      expect(numbers(seen)).toEqual([2]);
    });

    it('retries a failing handler with the same message before the next one of its key', async () => {
      const { bus, events } = await start();
      const readings = readingsTopic(false);
      const attempts: number[] = [];
      await bus.subscribe(readings, { group: 'a' }, (message) => {
        attempts.push(message.value.n);
        if (attempts.length < 3) throw new Error('not yet');
      });
      await bus.publish(readings, 'k', reading(1));
      await bus.publish(readings, 'k', reading(2));
      await until(() => attempts.includes(2));
      expect(attempts).toEqual([1, 1, 1, 2]);
      expect(events.filter(({ event }) => event === 'failed')).toEqual([]);
    });

    it('logs and counts a message after its last attempt, then continues', async () => {
      const { bus, events, logged } = await start();
      const readings = readingsTopic(false);
      const attempts: number[] = [];
      await bus.subscribe(readings, { group: 'a' }, async (message) => {
        attempts.push(message.value.n);
        if (message.value.n === 1) throw new Error('never');
      });
      await bus.publish(readings, 'k', reading(1));
      await bus.publish(readings, 'k', reading(2));
      await until(() => attempts.includes(2));
      expect(attempts).toEqual([1, 1, 1, 1, 2]);
      expect(events).toContainEqual({ event: 'failed', topic: readings.name });
      expect(logged).toContainEqual(expect.objectContaining({ topic: readings.name, key: 'k', group: 'a' }));
    });

    it('sends a failed message to the dead-letter topic with its body, key, headers and the reason', async () => {
      const { bus, events } = await start();
      const readings = readingsTopic(false);
      const letters = await lettersOf(bus, readings);
      await bus.subscribe(readings, { group: 'a' }, (message) => {
        if (message.value.n === 1) throw new Error('never');
      });
      await bus.publish(readings, 'k', reading(1), { 'trace-id': 'abc' });
      await until(() => letters.length > 0);
      const [letter] = letters;
      expect(letter?.key).toBe('k');
      expect(JSON.parse(new TextDecoder().decode(letter?.value.body))).toEqual(reading(1));
      expect(letter?.value.headers).toMatchObject({
        'trace-id': 'abc',
        'content-type': 'application/json',
        'error-topic': readings.name,
        'error-group': 'a',
        'error-kind': 'retries-exhausted',
        'error-message': 'never',
        'error-attempts': '4',
      });
      const reason = 'retries-exhausted';
      expect(events).toContainEqual({ event: 'dead-lettered', topic: readings.name, reason });
    });

    it('sends a rejected message to the dead-letter topic without retries, then continues', async () => {
      const { bus, events } = await start();
      const readings = readingsTopic(false);
      const letters = await lettersOf(bus, readings);
      const attempts: number[] = [];
      await bus.subscribe(readings, { group: 'a' }, async (message) => {
        attempts.push(message.value.n);
        if (message.value.n === 1) throw new RejectedMessage('no such camera');
      });
      await bus.publish(readings, 'k', reading(1));
      await bus.publish(readings, 'k', reading(2));
      await until(() => attempts.includes(2) && letters.length > 0);
      expect(attempts).toEqual([1, 2]);
      expect(letters.map(({ value }) => value.headers)).toEqual([
        expect.objectContaining({ 'error-kind': 'rejected', 'error-message': 'no such camera' }),
      ]);
      expect(events).toContainEqual({ event: 'dead-lettered', topic: readings.name, reason: 'rejected' });
    });

    it('does not create a dead letter for a dead letter', async () => {
      const { bus, events, logged } = await start();
      const readings = readingsTopic(false);
      await lettersOf(bus, readings, () => {
        throw new RejectedMessage('not this one either');
      });
      await bus.subscribe(readings, { group: 'a' }, () => {
        throw new RejectedMessage('no');
      });
      await bus.publish(readings, 'k', reading(1));
      // The acknowledgement of the first dead letter may arrive after its delivery.
      await until(
        () =>
          events.some(({ event, topic }) => event === 'failed' && topic === deadLetterTopic.name) &&
          events.some(({ event }) => event === 'dead-lettered'),
      );
      expect(logged).toContainEqual(expect.objectContaining({ topic: deadLetterTopic.name, key: 'k' }));
      expect(events.filter(({ event }) => event === 'dead-lettered')).toHaveLength(1);
    });

    it('runs handlers up to the concurrency, and never two of one key', async () => {
      const { bus } = await start();
      const readings = readingsTopic(false);
      const atWork = new Set<string>();
      const seen: BusMessage<Reading>[] = [];
      let most = 0;
      let overlaps = 0;
      await bus.subscribe(readings, { group: 'a', concurrency: 3 }, async (message) => {
        if (atWork.has(message.key)) overlaps += 1;
        atWork.add(message.key);
        most = Math.max(most, atWork.size);
        await new Promise((resolve) => setTimeout(resolve, 3));
        atWork.delete(message.key);
        seen.push(message);
      });
      await Promise.all(
        Array.from({ length: 60 }, (_, n) => bus.publish(readings, `camera-${n % 10}`, reading(n))),
      );
      await until(() => seen.length === 60);
      expect(most).toBe(3);
      expect(overlaps).toBe(0);
      for (let key = 0; key < 10; key++) {
        const ofKey = numbers(seen.filter((message) => message.key === `camera-${key}`));
        expect(ofKey).toEqual(Array.from({ length: 6 }, (_, n) => n * 10 + key));
      }
    });

    it('handles other keys while one key is stuck', async () => {
      const { bus } = await start();
      const readings = readingsTopic(false);
      let release = () => undefined as void;
      const gate = new Promise<void>((resolve) => (release = resolve));
      const seen: string[] = [];
      await bus.subscribe(readings, { group: 'a', concurrency: 2 }, async ({ key }) => {
        if (key === 'stuck') await gate;
        seen.push(key);
      });
      await bus.publish(readings, 'stuck', reading(0));
      for (let n = 0; n < 12; n++) await bus.publish(readings, `camera-${n}`, reading(n));
      await until(() => seen.length === 12);
      expect(seen).not.toContain('stuck');
      release();
      await until(() => seen.includes('stuck'));
    });

    it('delivers the bytes of a frame unchanged', async () => {
      const { bus } = await start();
      const jpeg = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 31) % 256);
      const frame = frameOf(jpeg);
      const key = `camera-${process.pid}-${Date.now()}`;
      const seen: BusMessage<Frame>[] = [];
      await bus.subscribe(framesTopic, { group: key }, (message) => {
        if (message.key === key) seen.push(message);
      });
      await bus.publish(framesTopic, key, frame);
      await until(() => seen.length === 1);
      const { jpeg: received, ...facts } = seen[0]?.value ?? frameOf(new Uint8Array());
      expect(Buffer.from(received).equals(jpeg)).toBe(true);
      expect({ ...facts, jpeg }).toEqual(frame);
      expect(seen[0]?.headers).toMatchObject({ sequence: '7', width: '640' });
    });

    it('isolates subscribers and the publisher from changes that a handler makes', async () => {
      const { bus } = await start();
      const readings = readingsTopic(false);
      const seen: BusMessage<Reading>[] = [];
      await bus.subscribe(readings, { group: 'a' }, (message) => {
        message.value.tags.push('spoilt');
        seen.push(message);
      });
      await bus.subscribe(readings, { group: 'b' }, (message) => void seen.push(message));
      const value = reading(1);
      await bus.publish(readings, 'k', value);
      await until(() => seen.length === 2);
      expect(value.tags).toEqual([]);
      expect(seen.map((message) => message.value.tags.length).sort()).toEqual([0, 1]);
    });

    it('does not call a handler after its subscription is closed', async () => {
      const { bus } = await start();
      const readings = readingsTopic(false);
      let calls = 0;
      let running = 0;
      const subscription = await bus.subscribe(readings, { group: 'a' }, async () => {
        calls += 1;
        running += 1;
        await new Promise((resolve) => setTimeout(resolve, 5));
        running -= 1;
      });
      for (let n = 0; n < 10; n++) await bus.publish(readings, 'k', reading(n));
      await until(() => calls > 0);
      await subscription.close();
      const callsAtClose = calls;
      expect(running).toBe(0);
      const after: BusMessage<Reading>[] = [];
      await bus.subscribe(readings, { group: 'b' }, (message) => void after.push(message));
      await bus.publish(readings, 'k', reading(99));
      await until(() => after.some((message) => message.value.n === 99));
      expect(calls).toBe(callsAtClose);
    });

    it('rejects publish and subscribe after close', async () => {
      const { bus } = await start();
      const readings = readingsTopic(false);
      await bus.close();
      await bus.close();
      await expect(bus.publish(readings, 'k', reading(1))).rejects.toBeInstanceOf(BusError);
      await expect(bus.subscribe(readings, { group: 'a' }, () => undefined)).rejects.toMatchObject({
        kind: 'closed',
      });
    });
  });
}
