import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { operationPath } from '@camplane/contracts/operations';
import { detectionListSchema } from '@camplane/contracts/detection';
import type { DetectionResult } from '@camplane/contracts/detection';
import { detectionsTopic } from '@camplane/contracts/topics';
import type { BusEvent } from '@camplane/event-bus/event-bus';
import { createMemoryBus } from '@camplane/event-bus/memory-bus';
import { startPostgres } from '@camplane/testkit/postgres';
import type { TestPostgres } from '@camplane/testkit/postgres';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import pg from 'pg';
import { followEvents } from '@camplane/testkit/follow-events';
import { newDatabase, runSql } from '../testing/new-database.ts';
import { jpegOf, resultOf } from '../testing/result-of.ts';
import { eventually, runApi } from '../testing/running-api.ts';
import type { RunningApi } from '../testing/running-api.ts';

jest.setTimeout(90_000);

let postgres: TestPostgres;
let folder: TemporaryFolder;
const ends: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  [postgres, folder] = await Promise.all([startPostgres(), createTemporaryFolder()]);
});

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

afterAll(async () => {
  await postgres.stop();
  await folder.remove();
});

async function start(databaseUrl: string, options: { busKeepsMessages?: boolean } = {}) {
  const events: BusEvent[] = [];
  const silent = { warn: () => {}, error: () => {} };
  const bus = createMemoryBus({
    maxPending: 10_000,
    log: silent,
    onEvent: (event, topic) => {
      if (topic === detectionsTopic.name) events.push(event);
    },
  });
  const api = await runApi({ dataDir: folder.path, databaseUrl }, undefined, { ...options, bus });
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (!isStopped) await api.stop();
    isStopped = true;
  };
  ends.push(stop);
  const count = (event: BusEvent): number => events.filter((each) => each === event).length;
  return { api, count, stop };
}

/** Results of ten cameras in turn, each for another frame. */
function resultsOf(amount: number): DetectionResult[] {
  return Array.from({ length: amount }, (_, sequence) => resultOf(`camera-${sequence % 10}`, { sequence }));
}

async function publish(api: RunningApi, results: readonly DetectionResult[]): Promise<void> {
  for (const result of results) await api.bus.publish(detectionsTopic, result.cameraId, result);
}

async function rowsOf(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ n: number }>('select count(*)::int as n from detection');
    return rows[0]?.n ?? -1;
  } finally {
    await client.end();
  }
}

async function waiting(api: RunningApi): Promise<number> {
  const text = await api.metrics.registry.metrics();
  const line = text.split('\n').find((each) => each.startsWith('camplane_detections_waiting'));
  return Number(line?.split(' ').at(-1));
}

const linesOf = (api: RunningApi, text: string): number => api.logged().split(text).length - 1;

describe('while the database is unavailable', () => {
  it('loses no accepted detection, and clients receive every one at once', async () => {
    const databaseUrl = await newDatabase(postgres.url, 'killed');
    const { api } = await start(databaseUrl);
    const client = await followEvents(api.url);
    ends.push(client.close);
    const results = resultsOf(900);
    await publish(api, results.slice(0, 300));
    await postgres.kill();
    try {
      await publish(api, results.slice(300, 600));
      await eventually(() => expect(client.detections()).toHaveLength(600));
      await eventually(async () => expect(await waiting(api)).toBeGreaterThanOrEqual(300));
      const answer = await api.call('GET', operationPath('listDetections'));
      expect([answer.status, answer.body.code]).toEqual([503, 'store-unavailable']);
    } finally {
      await postgres.restart();
    }
    await publish(api, results.slice(600));
    await eventually(async () => expect(await waiting(api)).toBe(0), 30_000);
    expect(await rowsOf(databaseUrl)).toBe(900);
    expect(client.detections().map(({ sequence }) => sequence)).toEqual(
      results.map(({ sequence }) => sequence),
    );
    expect(linesOf(api, 'detections not stored, will retry')).toBe(1);
    expect(linesOf(api, 'detections stored again')).toBe(1);
  });

  it('does not acknowledge messages of a broker until they are stored', async () => {
    const databaseUrl = await newDatabase(postgres.url, 'kept');
    const { api, count } = await start(databaseUrl, { busKeepsMessages: true });
    await publish(api, resultsOf(10));
    await eventually(async () => expect(await rowsOf(databaseUrl)).toBe(10));
    await eventually(() => expect(count('delivered')).toBe(20));
    await postgres.kill();
    try {
      await publish(api, resultsOf(30));
      // Clients got all of them; the group of the store acknowledged none and processes one per camera.
      await eventually(() => expect(count('delivered')).toBe(50));
      await eventually(async () => expect(await waiting(api)).toBe(10));
    } finally {
      await postgres.restart();
    }
    await eventually(() => expect(count('delivered')).toBe(80), 30_000);
    expect(await rowsOf(databaseUrl)).toBe(40);
    expect(count('dropped') + count('failed')).toBe(0);
  });

  it('keeps frames on disk, not in memory', async () => {
    const databaseUrl = await newDatabase(postgres.url, 'memory');
    const { api } = await start(databaseUrl);
    await postgres.kill();
    try {
      const picture = jpegOf(200_000).toString('base64');
      const results = resultsOf(400);
      const before = heapBytes();
      for (const result of results) {
        // A separate string each, as decoding a message returns.
        const own = Buffer.from(picture).toString('latin1');
        await publish(api, [{ ...result, picture: own }]);
        if (result.sequence % 10 < 9) continue;
        await eventually(async () => expect(await waiting(api)).toBe(result.sequence + 1));
      }
      expect(heapBytes() - before).toBeLessThan(25_000_000);
    } finally {
      await postgres.restart();
    }
    await eventually(async () => expect(await rowsOf(databaseUrl)).toBe(400), 30_000);
  });

  it('treats a read-only database as unavailable', async () => {
    const databaseUrl = await newDatabase(postgres.url, 'read_only');
    const { api } = await start(databaseUrl);
    const setReadOnly = async (state: 'on' | 'off'): Promise<void> => {
      await runSql(postgres.url, `alter database read_only set default_transaction_read_only = ${state}`);
      await runSql(
        postgres.url,
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'read_only'",
      );
    };
    await setReadOnly('on');
    await publish(api, resultsOf(20));
    await eventually(() => expect(linesOf(api, 'detections not stored, will retry')).toBe(1));
    expect(await waiting(api)).toBe(20);
    await setReadOnly('off');
    await eventually(async () => expect(await waiting(api)).toBe(0), 20_000);
    expect(await rowsOf(databaseUrl)).toBe(20);
  });

  it.each(['killed', 'hanging'] as const)('stops in time and logs what is lost (%s)', async (how) => {
    const databaseUrl = await newDatabase(postgres.url, `stop_${how}`);
    const { api, stop } = await start(databaseUrl);
    await (how === 'killed' ? postgres.kill() : postgres.pause());
    try {
      await publish(api, resultsOf(20));
      await eventually(async () => expect(await waiting(api)).toBe(20));
      const startedAt = performance.now();
      await stop();
      expect(performance.now() - startedAt).toBeLessThan(7_000);
      expect(linesOf(api, 'stopped before these detections were stored')).toBe(1);
    } finally {
      await (how === 'killed' ? postgres.restart() : postgres.resume());
    }
  });
});

describe('a stop', () => {
  it.each([false, true])(
    'stores what was accepted first (a bus that keeps: %j)',
    async (busKeepsMessages) => {
      const databaseUrl = await newDatabase(postgres.url, `flushed_${busKeepsMessages}`);
      const { api, count, stop } = await start(databaseUrl, { busKeepsMessages });
      await publish(api, resultsOf(200));
      await eventually(() => expect(count('delivered')).toBeGreaterThan(200));
      const done = count('delivered') - 200;
      await stop();
      expect(await rowsOf(databaseUrl)).toBeGreaterThanOrEqual(done);
    },
  );
});

describe('two replicas', () => {
  it('store the first of a track once, and results that both received once', async () => {
    const databaseUrl = await newDatabase(postgres.url, 'two');
    const [one, other] = [await start(databaseUrl), await start(databaseUrl)];
    const results = resultsOf(200);
    // Ten results for each track, which the two receive in opposite order.
    const tracked = results.map((result, index) => ({
      ...result,
      detections: result.detections.map((entry) => ({
        ...entry,
        trackId: results[index % 20]?.detections[0]?.trackId ?? '',
      })),
    }));
    await Promise.all([publish(one.api, tracked), publish(other.api, [...tracked].reverse())]);
    await eventually(async () => {
      expect(await rowsOf(databaseUrl)).toBe(200);
      expect(await waiting(one.api)).toBe(0);
      expect(await waiting(other.api)).toBe(0);
    });
    const firsts = await one.api.call(
      'GET',
      `${operationPath('listDetections')}?firstOfTrack=true&limit=200`,
    );
    const { items } = detectionListSchema.parse(firsts.body);
    expect(items).toHaveLength(20);
    expect(new Set(items.map(({ trackId }) => trackId)).size).toBe(20);
  });
});

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
