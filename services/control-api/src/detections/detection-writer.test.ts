import { afterEach, describe, expect, it } from '@jest/globals';
import { CamplaneError } from '@camplane/contracts/problem';
import { RejectedMessage } from '@camplane/event-bus/event-bus';
import { createMetrics } from '@camplane/service-kit/metrics';
import { entryOf, resultOf } from '../testing/result-of.ts';
import { eventually } from '../testing/running-api.ts';
import { createDetectionWriter } from './detection-writer.ts';
import type { DetectionWriter, WriterLimits } from './detection-writer.ts';
import type { AcceptedResult } from './accepted-result.ts';

const away = () => new CamplaneError('store-unavailable', 'away', { cause: new Error('ECONNREFUSED') });
const refusing = (code: string) =>
  new CamplaneError('internal', 'refused', { cause: Object.assign(new Error(`${code}: no`), { code }) });

const writers: DetectionWriter[] = [];
afterEach(async () => {
  await Promise.all(writers.splice(0).map((writer) => writer.close(0)));
});

/** A fake database that stores, refuses or fails. */
function start(limits: Partial<WriterLimits> = {}) {
  const database = {
    batches: [] as string[][],
    attempts: 0,
    fail: undefined as ((names: string[]) => Error | undefined) | undefined,
    hang: undefined as Promise<void> | undefined,
  };
  const lines: string[] = [];
  const metrics = createMetrics('test', { processMetrics: false });
  const writer = createDetectionWriter({
    insert: async (results) => {
      database.attempts++;
      await database.hang;
      const names = results.map(({ cameraId }) => cameraId);
      const failure = database.fail?.(names);
      if (failure) throw failure;
      database.batches.push(names);
      return results.reduce((sum, result) => sum + result.detections.length, 0);
    },
    limits: { batchMaxResults: 200, batchMaxRows: 500, lingerMs: 5, waitingMaxRows: 1000, ...limits },
    log: { info: (_fields, message) => lines.push(message), warn: (_fields, message) => lines.push(message) },
    metrics,
    random: () => 0,
  });
  writers.push(writer);
  const metric = async (name: string): Promise<number> => {
    const line = (await metrics.registry.metrics()).split('\n').find((each) => each.startsWith(name));
    return Number(line?.split(' ').at(-1));
  };
  return { database, writer, lines, metric };
}

function result(name: string, rows = 1): AcceptedResult {
  const detections = Array.from({ length: rows }, () => entryOf());
  const { picture: _picture, ...rest } = resultOf(name, { detections });
  return { ...rest, imageFile: null };
}

describe('detection writer', () => {
  it('stores results that arrive together in one batch, in order', async () => {
    const { writer, database } = start();
    await Promise.all(['a', 'b', 'c'].map((name) => writer.add(result(name))));
    expect(database.batches).toEqual([['a', 'b', 'c']]);
  });

  it('limits a batch by results and by rows', async () => {
    const { writer, database } = start({ batchMaxResults: 3, batchMaxRows: 10 });
    const given = [result('a', 9), result('b', 2), result('c'), result('d'), result('e'), result('f', 64)];
    await Promise.all(given.map((each) => writer.add(each)));
    expect(database.batches).toEqual([['a'], ['b', 'c', 'd'], ['e'], ['f']]);
  });

  it('resolves at once for a result without detections', async () => {
    const { writer, database } = start();
    await writer.add(result('a', 0));
    expect(database.attempts).toBe(0);
  });

  it('keeps results while the database is unavailable, and logs the outage and its end once', async () => {
    const { writer, database, lines, metric } = start();
    database.fail = away;
    const done: string[] = [];
    const adding = ['a', 'b'].map((name) => writer.add(result(name, 2)).then(() => done.push(name)));
    await eventually(() => expect(database.attempts).toBeGreaterThan(2));
    expect(done).toEqual([]);
    expect(await metric('camplane_detections_waiting')).toBe(4);
    expect(lines).toEqual(['detections not stored, will retry']);
    database.fail = undefined;
    await Promise.all(adding);
    expect(lines).toEqual([expect.any(String), 'detections stored again']);
    expect(await metric('camplane_detection_store_outages_total')).toBe(1);
    expect(await metric('camplane_detections_waiting')).toBe(0);
  });

  it.each(['42P01', '42501', '53100', '40001', ''])(
    'waits for a database that fails with %j, and rejects nothing',
    async (code) => {
      const { writer, database } = start();
      database.fail = () => refusing(code);
      const added = writer.add(result('a'));
      await eventually(() => expect(database.attempts).toBeGreaterThan(1));
      database.fail = undefined;
      await added;
    },
  );

  it('rejects the result that the database refuses, and stores the others', async () => {
    const { writer, database } = start();
    database.fail = (names) => (names.includes('bad') ? refusing('22021') : undefined);
    const names = Array.from({ length: 50 }, (_, index) => (index === 33 ? 'bad' : `camera-${index}`));
    const settled = await Promise.allSettled(names.map((name) => writer.add(result(name))));
    const rejected = settled.flatMap((each, index) =>
      each.status === 'rejected' ? [{ index, ...each }] : [],
    );
    expect(rejected).toEqual([expect.objectContaining({ index: 33, reason: expect.any(RejectedMessage) })]);
    expect(database.batches.flat()).toEqual(names.filter((name) => name !== 'bad'));
    expect(database.attempts).toBeLessThan(20);
  });

  it('has no room while too many rows wait', async () => {
    const { writer, database } = start({ waitingMaxRows: 3 });
    database.fail = away;
    const added = [writer.add(result('a', 2)), writer.add(result('b', 2))];
    let hasRoom = false;
    const waiting = writer.room().then(() => (hasRoom = true));
    await eventually(() => expect(database.attempts).toBeGreaterThan(1));
    expect(hasRoom).toBe(false);
    database.fail = undefined;
    await Promise.all([...added, waiting]);
    await writer.room();
  });

  it('stores waiting results when it is closed', async () => {
    const { writer, database } = start({ lingerMs: 60_000 });
    const added = writer.add(result('a'));
    expect(await writer.close(5_000)).toBe(0);
    await added;
    expect(database.batches).toEqual([['a']]);
    await expect(writer.add(result('b'))).rejects.toThrow('stopping');
    await expect(writer.room()).rejects.toThrow('stopping');
  });

  it.each([
    ['is unavailable', (database: ReturnType<typeof start>['database']) => (database.fail = away)],
    [
      'hangs',
      (database: ReturnType<typeof start>['database']) => (database.hang = new Promise<void>(() => {})),
    ],
  ])('closes in time while the database %s, and returns the number of lost results', async (_how, make) => {
    const { writer, database } = start({ waitingMaxRows: 2 });
    void make(database);
    const added = Promise.allSettled([writer.add(result('a')), writer.add(result('b'))]);
    const room = writer.room().catch((error: Error) => error.message);
    await eventually(() => expect(database.attempts).toBeGreaterThan(0));
    expect(await writer.close(50)).toBe(2);
    expect((await added).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await room).toContain('stopping');
  });
});
