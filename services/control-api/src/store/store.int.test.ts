import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { operations } from '@camplane/contracts/operations';
import { startPostgres } from '@camplane/testkit/postgres';
import type { TestPostgres } from '@camplane/testkit/postgres';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { eventually, runApi } from '../testing/running-api.ts';
import type { RunningApi } from '../testing/running-api.ts';
import { newDatabase, runSql } from '../testing/new-database.ts';
import { migrationsFolder } from './database.ts';
import { openPostgresDatabase } from './postgres-database.ts';

jest.setTimeout(60_000);

const cameras = operations.listCameras.path;
const source = { url: 'test:testsrc2' };

let postgres: TestPostgres;
const folder = mkdtempSync(join(tmpdir(), 'camplane-store-'));
const running: RunningApi[] = [];

async function start(config: Parameters<typeof runApi>[0]): Promise<RunningApi> {
  const api = await runApi(config);
  running.push(api);
  return api;
}

let detections: Promise<string> | undefined;
/** A database with 20,000 detections, created once. */
function databaseOfDetections(): Promise<string> {
  return (detections ??= (async () => {
    const url = await newDatabase(postgres.url, 'detections');
    const database = openPostgresDatabase({ connectionString: url }, () => {});
    await database.migrate().finally(() => database.close());
    await runSql(
      url,
      `insert into detection select gen_random_uuid(), 'camera-' || n % 50, 'person', 'label-' || n % 20, 0.5,
         0, 0, 0, 0, gen_random_uuid(), now() - n * interval '1 second', n, 1, 1, null, n % 10 = 0
       from generate_series(1, 20000) n; analyze detection`,
    );
    return url;
  })());
}

beforeAll(async () => {
  postgres = await startPostgres();
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((api) => api.stop()));
});

afterAll(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('a PostgreSQL store', () => {
  it('is migrated once when many processes start at the same time', async () => {
    const url = await newDatabase(postgres.url, 'many');
    const databases = Array.from({ length: 6 }, () =>
      openPostgresDatabase({ connectionString: url }, () => {}),
    );
    try {
      await Promise.all(databases.map((database) => database.migrate()));
      await databases[0]?.migrate();
      const result = await databases[0]?.drizzle.execute(
        'select count(*)::int as n from drizzle.__drizzle_migrations',
      );
      expect((result as { rows: { n: number }[] }).rows[0]?.n).toBe(
        readdirSync(migrationsFolder).filter((name) => name.endsWith('.sql')).length,
      );
    } finally {
      await Promise.all(databases.map((database) => database.close()));
    }
  });

  it.each(['true', "camera_id = 'camera-7'", "label = 'label-7'", 'is_first_of_track'])(
    'lists detections, newest first, by an index where %s',
    async (condition) => {
      const url = await databaseOfDetections();
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        const { rows } = await client.query<{ 'QUERY PLAN': string }>(
          `explain select * from detection where ${condition} order by captured_at desc, id desc limit 51`,
        );
        const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
        expect(plan).toMatch(/Index Scan Backward using detection_newest/);
        expect(plan).not.toContain('Sort');
      } finally {
        await client.end();
      }
    },
  );

  it('shows the changes of one replica in another', async () => {
    const databaseUrl = await newDatabase(postgres.url, 'replicas');
    const [one, other] = [
      await start({ dataDir: folder, databaseUrl }),
      await start({ dataDir: folder, databaseUrl }),
    ];
    await one.call('POST', cameras, { id: 'a', source });
    expect((await other.call('GET', `${cameras}/a/status`)).body.phase).toBe('STARTING');
    await eventually(async () => {
      expect((await other.call('GET', `${cameras}/status/all`)).body.items).toHaveLength(1);
    });
    await one.call('DELETE', `${cameras}/a`);
    await eventually(async () => {
      expect((await other.call('GET', `${cameras}/status/all`)).body.items).toEqual([]);
    });
  });

  it('answers 503 store-unavailable while the database is unreachable, and recovers', async () => {
    const databaseUrl = await newDatabase(postgres.url, 'away');
    const api = await start({ dataDir: folder, databaseUrl });
    await api.call('POST', cameras, { id: 'a', source });
    await postgres.kill();
    try {
      for (const [method, path, body] of [
        ['GET', cameras, undefined],
        ['POST', cameras, { id: 'b', source }],
        ['DELETE', `${cameras}/a`, undefined],
      ] as const) {
        const answer = await api.call(method, path, body);
        expect([answer.status, answer.body.code]).toEqual([503, 'store-unavailable']);
        expect(answer.body.detail).not.toContain('127.0.0.1');
      }
      // The last known status is still served.
      expect((await api.call('GET', `${cameras}/a/status`)).status).toBe(200);
    } finally {
      await postgres.restart();
    }
    await eventually(async () => {
      expect((await api.call('GET', cameras)).body).toMatchObject({ items: [{ id: 'a' }] });
    });
    expect((await api.call('POST', cameras, { id: 'b', source })).status).toBe(201);
  });

  it('answers 503 in bounded time while the database hangs, and recovers', async () => {
    const databaseUrl = await newDatabase(postgres.url, 'hanging');
    const api = await start({ dataDir: folder, databaseUrl });
    await postgres.pause();
    try {
      const startedAt = performance.now();
      const answer = await api.call('GET', cameras);
      expect([answer.status, answer.body.code]).toEqual([503, 'store-unavailable']);
      expect(performance.now() - startedAt).toBeLessThan(15_000);
      expect((await api.call('GET', '/healthz')).status).toBe(200);
    } finally {
      await postgres.resume();
    }
    await eventually(async () => {
      expect((await api.call('POST', cameras, { id: 'a', source })).status).toBe(201);
    }, 30_000);
  });

  it('starts without the database and becomes ready when it is reachable', async () => {
    const databaseUrl = await newDatabase(postgres.url, 'later');
    await postgres.kill();
    let api: RunningApi;
    try {
      api = await start({ dataDir: folder, databaseUrl });
      const answer = await api.call('GET', cameras);
      expect([answer.status, answer.body.code]).toEqual([503, 'store-unavailable']);
      expect((await api.call('GET', '/readyz')).status).toBe(503);
      expect((await api.call('GET', '/healthz')).status).toBe(200);
    } finally {
      await postgres.restart();
    }
    await eventually(async () => {
      expect((await api.call('GET', '/readyz')).status).toBe(200);
    }, 20_000);
    expect((await api.call('POST', cameras, { id: 'a', source })).status).toBe(201);
  });

  it('refuses to start if the database does not exist, without logging the password', async () => {
    const url = new URL(await newDatabase(postgres.url, 'exists'));
    url.pathname = '/missing';
    url.password = 'canary-5512';
    const failure = await start({ dataDir: folder, databaseUrl: url.href }).catch((error: unknown) => error);
    expect(String(failure)).toContain('DATABASE_URL cannot be used');
    expect(String(failure)).toContain('missing');
    expect(String(failure)).not.toContain('canary-5512');
  });
});

describe('the embedded store', () => {
  it('refuses a folder that is in use and opens it after its release', async () => {
    const dataDir = join(folder, 'shared');
    const first = await start({ dataDir });
    await expect(start({ dataDir })).rejects.toThrow(/in use by process \d+.*DATA_DIR/);
    expect((await first.call('GET', cameras)).status).toBe(200);
    await first.stop();
    const second = await start({ dataDir });
    expect((await second.call('GET', cameras)).status).toBe(200);
  });

  it('replaces the lock of a process that has exited', async () => {
    const dataDir = join(folder, 'stale');
    const first = await start({ dataDir });
    await first.stop();
    // Same process id, different start time: as after the restart of a container.
    const stale = { pid: process.pid, startedAt: '1', nonce: 'old' };
    writeFileSync(join(dataDir, 'database.lock'), JSON.stringify(stale));
    const second = await start({ dataDir });
    expect((await second.call('GET', cameras)).status).toBe(200);
  });
});
