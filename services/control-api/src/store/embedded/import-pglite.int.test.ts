import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import { keepLog } from '../../testing/keep-log.ts';
import type { Database } from '../database.ts';
import { migrationsFolder } from '../database.ts';
import { openEmbeddedDatabase } from './embedded-database.ts';

jest.setTimeout(90_000);

const holder = fileURLToPath(new URL('./fixtures/hold-database.ts', import.meta.url));
const detections = 1203;
const contents = `select
  (select jsonb_agg(to_jsonb(c) order by id) from camera c) as cameras,
  (select count(*)::int from detection) as detections,
  (select md5(string_agg(to_jsonb(d)::text, ',' order by id)) from detection d) as digest`;

let original: TemporaryFolder;
let expected: unknown;
let folder: TemporaryFolder;

/** A folder as version 0.1 left it. */
beforeAll(async () => {
  original = await createTemporaryFolder();
  const pglite = await PGlite.create(join(original.path, 'database'));
  await migrate(drizzle(pglite), { migrationsFolder });
  await pglite.exec(`
    insert into camera values
      ('front-door', '{"displayName": "Vörder \\"door\\"", "source": {"url": "rtsp://192.0.2.1"}}',
       '{"username": "a", "password": "canary-77"}', 3, null, '2026-01-02 03:04:05.123456+00', now()),
      ('garage', '{}', null, 1, now(), now(), now());
    insert into detection select gen_random_uuid(), 'front-door', 'motion', 'person', random(),
      random(), 1e-7, 0.1, 0.2, gen_random_uuid(), now() - n * interval '1 second', 9007199254740991 - n, 768, 576,
      case when n % 2 = 0 then 'front-door/2026-11-21/133651.123-' || n || '.jpg' end, n % 3 = 0
    from generate_series(1, ${detections}) n`);
  expected = (await pglite.query(contents)).rows[0];
  await pglite.close();
});

afterAll(() => original.remove());

beforeEach(async () => {
  folder = await createTemporaryFolder();
  cpSync(original.path, folder.path, { recursive: true });
});

afterEach(() => folder.remove());

async function contentsAfterStart(): Promise<{ contents: unknown; logged: string }> {
  const { log, text } = keepLog();
  const database: Database = await openEmbeddedDatabase({ dataDir: folder.path }, log);
  try {
    await database.migrate();
    const { rows } = (await database.drizzle.execute(contents)) as { rows: unknown[] };
    return { contents: rows[0], logged: text() };
  } finally {
    await database.close();
  }
}

describe('importing a PGlite database', () => {
  it('copies every row and keeps the old folder', async () => {
    const first = await contentsAfterStart();
    expect(first.contents).toEqual(expected);
    expect(first.logged).toContain(`"detection":${detections}`);
    expect(first.logged).not.toContain('canary-77');
    expect(existsSync(join(folder.path, 'database'))).toBe(false);
    expect(existsSync(join(folder.path, 'database.pglite/PG_VERSION'))).toBe(true);
    expect((await contentsAfterStart()).contents).toEqual(expected);
  });

  it('is repeated without duplicates when it ended before the folder was renamed', async () => {
    await contentsAfterStart();
    renameSync(join(folder.path, 'database.pglite'), join(folder.path, 'database'));
    const again = await contentsAfterStart();
    expect(again.contents).toEqual(expected);
    expect(again.logged).toContain('"detection":0');
  });

  it.each(['importing', 'PGlite database imported'])('is completed after SIGKILL at: %s', async (moment) => {
    const killed = spawn(process.execPath, [holder, folder.path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(killed, 'exit');
    killed.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes(moment)) killed.kill('SIGKILL');
    });
    await ended;
    expect((await contentsAfterStart()).contents).toEqual(expected);
    expect(readdirSync(folder.path).sort()).toEqual(['database.pglite', 'postgresql']);
  });

  it('reports a damaged folder, names the remedy and leaves it in place', async () => {
    const damaged = join(folder.path, 'database');
    renameSync(join(damaged, 'base'), join(damaged, 'elsewhere'));
    await expect(contentsAfterStart()).rejects.toThrow(/could not be imported.*move the folder away/);
    expect(existsSync(join(damaged, 'PG_VERSION'))).toBe(true);
  });
});
