import { describe, expect, it } from '@jest/globals';
import { jsonTopic } from '@camplane/contracts/topic';
import type { Topic } from '@camplane/contracts/topic';
import { z } from 'zod';
import { eventBusContract } from './event-bus-contract.ts';
import type { BusEvent } from './event-bus.ts';
import { createMemoryBus } from './memory-bus.ts';

eventBusContract('in memory', async (options) => createMemoryBus({ maxPending: 1000, ...options }));

const silent = { warn: () => undefined, error: () => undefined };
const numberTopic = (compacted: boolean): Topic<number> =>
  jsonTopic({
    name: 'numbers',
    schema: z.number(),
    compacted,
  });

/** A handler that blocks until released, so that messages wait. */
function stuckHandler() {
  const seen: [string, number][] = [];
  let release = () => undefined as void;
  const gate = new Promise<void>((resolve) => (release = resolve));
  return {
    seen,
    release: () => release(),
    handle: async (message: { key: string; value: number }) => {
      seen.push([message.key, message.value]);
      await gate;
    },
  };
}

async function settle(rounds = 50): Promise<void> {
  for (let i = 0; i < rounds; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe('memory bus', () => {
  it('drops and counts the oldest waiting message of a topic that is not compacted', async () => {
    const events: BusEvent[] = [];
    const bus = createMemoryBus({ maxPending: 3, log: silent, onEvent: (event) => events.push(event) });
    const stuck = stuckHandler();
    await bus.subscribe(numberTopic(false), { group: 'a' }, stuck.handle);
    await bus.publish(numberTopic(false), 'k', 0);
    await settle();
    for (let n = 1; n <= 5; n++) await bus.publish(numberTopic(false), 'k', n);
    stuck.release();
    await settle();
    expect(stuck.seen.map(([, n]) => n)).toEqual([0, 3, 4, 5]);
    expect(events.filter((event) => event === 'dropped')).toHaveLength(2);
    await bus.close();
  });

  it('keeps the latest waiting value of every key of a compacted topic, even beyond maxPending', async () => {
    const events: BusEvent[] = [];
    const bus = createMemoryBus({ maxPending: 1, log: silent, onEvent: (event) => events.push(event) });
    const stuck = stuckHandler();
    await bus.subscribe(numberTopic(true), { group: 'a' }, stuck.handle);
    await bus.publish(numberTopic(true), 'first', 0);
    await settle();
    for (let n = 1; n <= 4; n++) {
      await bus.publish(numberTopic(true), 'x', n);
      await bus.publish(numberTopic(true), 'y', 10 * n);
    }
    stuck.release();
    await settle();
    expect(stuck.seen).toEqual([
      ['first', 0],
      ['x', 4],
      ['y', 40],
    ]);
    expect(events.filter((event) => event === 'superseded')).toHaveLength(6);
    expect(events).not.toContain('dropped');
    await bus.close();
  });

  it('drops the oldest waiting message only of a key with too many', async () => {
    const events: BusEvent[] = [];
    const bus = createMemoryBus({ maxPending: 100, log: silent, onEvent: (event) => events.push(event) });
    const stuck = stuckHandler();
    await bus.subscribe(numberTopic(false), { group: 'a', maxPendingPerKey: 2 }, stuck.handle);
    await bus.publish(numberTopic(false), 'first', 0);
    await settle();
    for (let n = 1; n <= 5; n++) await bus.publish(numberTopic(false), 'flood', n);
    await bus.publish(numberTopic(false), 'quiet', 1);
    stuck.release();
    await settle();
    expect(stuck.seen).toEqual([
      ['first', 0],
      ['flood', 4],
      ['quiet', 1],
      ['flood', 5],
    ]);
    expect(events.filter((event) => event === 'dropped')).toHaveLength(3);
    await bus.close();
  });

  it('delivers values without encoding, copied by the topic', async () => {
    const bus = createMemoryBus({ maxPending: 100, log: silent });
    const value = { n: 1 };
    const topic: Topic<{ n: number }> = {
      ...jsonTopic({ name: 'objects', schema: z.object({ n: z.number() }), compacted: false }),
      parse: () => ({ ok: true, value }),
      encode: () => {
        throw new Error('encoded');
      },
      copy: (same) => same,
    };
    const seen: object[] = [];
    await bus.subscribe(topic, { group: 'a' }, (message) => void seen.push(message.value));
    await bus.publish(topic, 'k', value);
    await settle();
    expect(seen[0]).toBe(value);
    await bus.close();
  });

  it('evicts the least recently published key of a compacted topic', async () => {
    const events: BusEvent[] = [];
    const bus = createMemoryBus({
      maxPending: 10,
      maxRetainedKeys: 2,
      log: silent,
      onEvent: (event) => events.push(event),
    });
    await bus.publish(numberTopic(true), 'a', 1);
    await bus.publish(numberTopic(true), 'b', 2);
    await bus.publish(numberTopic(true), 'a', 3);
    await bus.publish(numberTopic(true), 'c', 4);
    const seen: [string, number][] = [];
    await bus.subscribe(numberTopic(true), { group: 'g', fromBeginning: true }, ({ key, value }) => {
      seen.push([key, value]);
    });
    await settle();
    expect(seen).toEqual([
      ['a', 3],
      ['c', 4],
    ]);
    expect(events).toContain('dropped');
    await bus.close();
  });

  it('never calls a handler from within publish', async () => {
    const bus = createMemoryBus({ maxPending: 10, log: silent });
    let called = false;
    await bus.subscribe(numberTopic(false), { group: 'a' }, () => {
      called = true;
    });
    await bus.publish(numberTopic(false), 'k', 1);
    expect(called).toBe(false);
    await settle();
    expect(called).toBe(true);
    await bus.close();
  });

  it('yields to the event loop while synchronous handlers work through a long queue', async () => {
    const bus = createMemoryBus({ maxPending: 10_000, log: silent });
    let handled = 0;
    await bus.subscribe(numberTopic(false), { group: 'a' }, () => void (handled += 1));
    for (let n = 0; n < 1000; n++) await bus.publish(numberTopic(false), 'k', n);
    await settle(3);
    expect(handled).toBeGreaterThan(0);
    expect(handled).toBeLessThan(1000);
    await settle();
    expect(handled).toBe(1000);
    await bus.close();
  });

  it('passes the waiting messages of a closed member to the rest of its group', async () => {
    const bus = createMemoryBus({ maxPending: 10, log: silent, closeDeadlineMs: 10 });
    const stuck = stuckHandler();
    const first = await bus.subscribe(numberTopic(false), { group: 'a' }, stuck.handle);
    for (let n = 0; n < 4; n++) await bus.publish(numberTopic(false), 'k', n);
    await settle();
    const seen: number[] = [];
    await bus.subscribe(numberTopic(false), { group: 'a' }, ({ value }) => void seen.push(value));
    await first.close();
    await settle();
    expect(stuck.seen).toEqual([['k', 0]]);
    expect(seen).toEqual([1, 2, 3]);
    stuck.release();
    await bus.close();
  });

  it('closes and logs a warning if a handler is stuck', async () => {
    const warnings: object[] = [];
    const bus = createMemoryBus({
      maxPending: 10,
      closeDeadlineMs: 10,
      log: { warn: (fields) => warnings.push(fields), error: () => undefined },
    });
    const stuck = stuckHandler();
    await bus.subscribe(numberTopic(false), { group: 'a' }, stuck.handle);
    await bus.publish(numberTopic(false), 'k', 1);
    await settle();
    await bus.close();
    expect(warnings).toEqual([expect.objectContaining({ topic: 'numbers', group: 'a' })]);
    stuck.release();
  });

  it('aborts a retry delay on close', async () => {
    const bus = createMemoryBus({
      maxPending: 10,
      log: silent,
      retryDelaysMs: [60_000],
      closeDeadlineMs: 60_000,
    });
    let attempts = 0;
    await bus.subscribe(numberTopic(false), { group: 'a' }, () => {
      attempts += 1;
      throw new Error('never');
    });
    await bus.publish(numberTopic(false), 'k', 1);
    await settle();
    await bus.close();
    expect(attempts).toBe(1);
  });
});
