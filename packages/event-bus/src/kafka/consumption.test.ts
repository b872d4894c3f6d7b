import { afterEach, describe, expect, it } from '@jest/globals';
import { createConsumption } from './consumption.ts';
import type { Consumption, ConsumptionOptions, KafkaRecord } from './consumption.ts';

const consumptions: Consumption[] = [];
afterEach(async () => {
  await Promise.all(consumptions.splice(0).map((consumption) => consumption.close(0)));
});

/** Work that the test finishes. */
function start(options: Partial<ConsumptionOptions> = {}) {
  const atWork = new Map<number, (done: boolean) => void>();
  const pressure: boolean[] = [];
  let missed = 0;
  const consumption = createConsumption({
    concurrency: 10,
    maxMessages: 100,
    maxBytes: 1_000_000,
    work: ({ offset }) => new Promise((resolve) => atWork.set(offset, resolve)),
    onPressure: (overloaded) => pressure.push(overloaded),
    onMissed: (count) => (missed += count),
    ...options,
  });
  consumptions.push(consumption);
  const finish = async (offset: number, done = true) => {
    atWork.get(offset)?.(done);
    atWork.delete(offset);
    await settle();
  };
  return { consumption, atWork, pressure, finish, missed: () => missed };
}

const record = (offset: number, key = `key-${offset}`, partition = 0): KafkaRecord => ({
  partition,
  offset,
  key,
  body: new Uint8Array(100),
  headers: {},
  publishedAt: 0,
});

function batch(records: KafkaRecord[], highWatermark = (records.at(-1)?.offset ?? 0) + 1) {
  return { partition: records[0]?.partition ?? 0, records, lastOffset: highWatermark - 1, highWatermark };
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe('consumption', () => {
  it('handles one message of a key at a time, and several keys concurrently', async () => {
    const { consumption, atWork, finish } = start();
    consumption.assign([0]);
    consumption.accept(batch([record(0, 'a'), record(1, 'a'), record(2, 'b')]));
    await settle();
    expect([...atWork.keys()]).toEqual([0, 2]);
    await finish(0);
    expect([...atWork.keys()]).toEqual([2, 1]);
  });

  it('commits only up to the first unfinished message', async () => {
    const { consumption, finish } = start();
    consumption.assign([0]);
    consumption.accept(batch([record(0), record(1), record(2)]));
    await settle();
    await finish(1);
    expect(consumption.uncommitted()).toEqual([{ partition: 0, offset: 0 }]);
    await finish(0);
    expect(consumption.uncommitted()).toEqual([{ partition: 0, offset: 2 }]);
    consumption.committed([{ partition: 0, offset: 2 }]);
    expect(consumption.uncommitted()).toEqual([]);
    expect(consumption.lag()).toBe(1);
  });

  it('does not commit past an abandoned message', async () => {
    const { consumption, finish } = start();
    consumption.assign([0]);
    consumption.accept(batch([record(0), record(1)]));
    await settle();
    await finish(0, false);
    await finish(1);
    expect(consumption.uncommitted()).toEqual([{ partition: 0, offset: 0 }]);
  });

  it('is overloaded at its limit, and no longer at half of it', async () => {
    const { consumption, pressure, finish } = start({ maxMessages: 4 });
    consumption.assign([0]);
    consumption.accept(batch([0, 1, 2, 3, 4].map((offset) => record(offset))));
    await settle();
    expect(pressure).toEqual([true]);
    for (const offset of [0, 1]) await finish(offset);
    expect(pressure).toEqual([true]);
    await finish(2);
    expect(pressure).toEqual([true, false]);
  });

  it('is overloaded at its limit of bytes', async () => {
    const { consumption, pressure } = start({ maxBytes: 150 });
    consumption.assign([0]);
    consumption.accept(batch([record(0)]));
    expect(pressure).toEqual([]);
    consumption.accept(batch([record(1)]));
    expect(pressure).toEqual([true]);
  });

  it('skips messages that it has after a rebalance that keeps the partition', async () => {
    const { consumption, atWork, finish } = start();
    consumption.assign([0]);
    consumption.accept(batch([record(0), record(1), record(2)]));
    await settle();
    await finish(1);
    consumption.hold();
    consumption.assign([0]);
    consumption.accept(batch([record(0), record(1), record(2), record(3)]));
    await settle();
    expect([...atWork.keys()]).toEqual([0, 2, 3]);
    for (const offset of [0, 2, 3]) await finish(offset);
    expect(consumption.uncommitted()).toEqual([{ partition: 0, offset: 4 }]);
  });

  it('starts no work during a rebalance', async () => {
    const { consumption, atWork } = start();
    consumption.assign([0]);
    consumption.hold();
    consumption.accept(batch([record(0)]));
    await settle();
    expect(atWork.size).toBe(0);
    consumption.assign([0]);
    await settle();
    expect(atWork.size).toBe(1);
  });

  it('discards waiting messages of a revoked partition and ignores the running ones', async () => {
    const { consumption, atWork, finish } = start({ concurrency: 1 });
    consumption.assign([0, 1]);
    consumption.accept(batch([record(0), record(1)]));
    await settle();
    consumption.assign([1]);
    await finish(0);
    expect(atWork.size).toBe(0);
    expect(consumption.uncommitted()).toEqual([]);
    expect(consumption.lag()).toBe(0);
  });

  it('continues at the committed offset when a partition is assigned again', async () => {
    const { consumption, atWork, finish } = start({ concurrency: 1 });
    consumption.assign([0]);
    consumption.accept(batch([record(0), record(1), record(2)]));
    await settle();
    // In between, another member handled everything up to 7.
    consumption.assign([0]);
    consumption.accept(batch([record(7)]));
    await finish(0);
    expect([...atWork.keys()]).toEqual([7]);
    await finish(7);
    expect(consumption.uncommitted()).toEqual([{ partition: 0, offset: 8 }]);
  });

  it('reports how many messages expired before they were read', async () => {
    const { consumption, missed } = start();
    consumption.assign([0]);
    consumption.accept(batch([record(5)]));
    consumption.accept(batch([record(6)]));
    expect(missed()).toBe(0);
    consumption.accept(batch([record(20)]));
    expect(missed()).toBe(13);
  });

  it('ignores a batch of a partition that is not assigned', async () => {
    const { consumption, atWork } = start();
    consumption.assign([1]);
    consumption.accept(batch([record(0)]));
    await settle();
    expect(atWork.size).toBe(0);
  });
});
