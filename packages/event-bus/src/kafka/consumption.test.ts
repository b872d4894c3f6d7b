import { afterEach, describe, expect, it } from '@jest/globals';
import { createConsumption } from './consumption.ts';
import type { Consumption, ConsumptionOptions, KafkaRecord } from './consumption.ts';

const consumptions: Consumption[] = [];
afterEach(async () => {
  await Promise.all(consumptions.splice(0).map((consumption) => consumption.close(0)));
});

/** Work that ends when told. */
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
  it('works on one message of a key at a time, and on several keys at once', async () => {
    const { consumption, atWork, finish } = start();
    consumption.assign([0]);
    consumption.accept(batch([record(0, 'a'), record(1, 'a'), record(2, 'b')]));
    await settle();
    expect([...atWork.keys()]).toEqual([0, 2]);
    await finish(0);
    expect([...atWork.keys()]).toEqual([2, 1]);
  });

  it('lets a partition move on only as far as all before is done', async () => {
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

  it('does not move on over what was abandoned', async () => {
    const { consumption, finish } = start();
    consumption.assign([0]);
    consumption.accept(batch([record(0), record(1)]));
    await settle();
    await finish(0, false);
    await finish(1);
    expect(consumption.uncommitted()).toEqual([{ partition: 0, offset: 0 }]);
  });

  it('asks for a pause at its limit, and for more when half of it is done', async () => {
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

  it('counts bytes as well', async () => {
    const { consumption, pressure } = start({ maxBytes: 150 });
    consumption.assign([0]);
    consumption.accept(batch([record(0)]));
    expect(pressure).toEqual([]);
    consumption.accept(batch([record(1)]));
    expect(pressure).toEqual([true]);
  });

  it('passes over what it has when a kept partition is given again after a rebalance', async () => {
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

  it('begins nothing while the group shares its partitions anew', async () => {
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

  it('drops what it had not begun of a partition that it lost, and lets the rest end without effect', async () => {
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

  it('goes on from where others have committed when a partition comes back to it', async () => {
    const { consumption, atWork, finish } = start({ concurrency: 1 });
    consumption.assign([0]);
    consumption.accept(batch([record(0), record(1), record(2)]));
    await settle();
    // A generation passed without this member, in which another has done all up to 7.
    consumption.assign([0]);
    consumption.accept(batch([record(7)]));
    await finish(0);
    expect([...atWork.keys()]).toEqual([7]);
    await finish(7);
    expect(consumption.uncommitted()).toEqual([{ partition: 0, offset: 8 }]);
  });

  it('says how many messages were deleted before it read them', async () => {
    const { consumption, missed } = start();
    consumption.assign([0]);
    consumption.accept(batch([record(5)]));
    consumption.accept(batch([record(6)]));
    expect(missed()).toBe(0);
    consumption.accept(batch([record(20)]));
    expect(missed()).toBe(13);
  });

  it('ignores a batch of a partition that is not its own', async () => {
    const { consumption, atWork } = start();
    consumption.assign([1]);
    consumption.accept(batch([record(0)]));
    await settle();
    expect(atWork.size).toBe(0);
  });
});
