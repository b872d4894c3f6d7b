import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { operations } from '@camplane/contracts/operations';
import { startPostgres } from '@camplane/testkit/postgres';
import type { TestPostgres } from '@camplane/testkit/postgres';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { newDatabase } from '../testing/new-database.ts';
import { eventually, runApi } from '../testing/running-api.ts';
import { migrationsFolder } from './database.ts';

jest.setTimeout(60_000);

/** The migrations of the last version without users. */
const migrationsBefore = 2;
const password = 'canary-of-the-old-database';
const detectionId = '7c9e6679-7425-40de-944b-e07fc1f90ae7';

let postgres: TestPostgres;
let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
beforeAll(async () => {
  postgres = await startPostgres();
  folder = await createTemporaryFolder();
});
afterAll(async () => {
  await postgres?.stop();
  await folder?.remove();
});

/** A database as that version left it, with a camera that has a login, and a detection. */
async function oldDatabase(): Promise<{ url: string; pool: pg.Pool }> {
  const migrations = join(folder.path, 'migrations');
  await cp(migrationsFolder, migrations, { recursive: true });
  const journalFile = join(migrations, 'meta/_journal.json');
  const journal = JSON.parse(await readFile(journalFile, 'utf8')) as { entries: unknown[] };
  journal.entries = journal.entries.slice(0, migrationsBefore);
  await writeFile(journalFile, JSON.stringify(journal));
  const url = await newDatabase(postgres.url, 'old');
  const pool = new pg.Pool({ connectionString: url });
  await migrate(drizzle(pool), { migrationsFolder: migrations });
  const spec = { displayName: 'Door', source: { url: 'rtsp://192.0.2.1/stream1' } };
  await pool.query(
    `insert into camera (id, spec, credentials, created_at, updated_at) values ('door', $1, $2, now(), now())`,
    [JSON.stringify(spec), JSON.stringify({ username: 'viewer', password })],
  );
  await pool.query(
    `insert into detection values ($1, 'door', 'person', 'person', 0.5, 0, 0, 0.1, 0.1, gen_random_uuid(), now(), 1,
       640, 360, null, true)`,
    [detectionId],
  );
  return { url, pool };
}

describe('an upgrade from a version without users', () => {
  it('keeps cameras and detections, creates the administrator, and encrypts passwords', async () => {
    const { url, pool } = await oldDatabase();
    const api = await runApi({ auth: 'local', databaseUrl: url, dataDir: folder.path });
    try {
      const get = async (path: string, headers?: Record<string, string>) =>
        api.call('GET', path, undefined, headers);
      expect((await get(operations.listCameras.path)).status).toBe(401);
      const admin = await eventually(() => api.signIn());
      expect((await get(operations.listCameras.path, admin)).body.items).toMatchObject([
        { id: 'door', displayName: 'Door', labels: {}, source: { hasCredentials: true } },
      ]);
      expect((await get(operations.listDetections.path, admin)).body.items).toMatchObject([
        { id: detectionId, cameraId: 'door' },
      ]);
      const { rows } = await pool.query<{ row: string }>(
        'select row_to_json(camera)::text as row from camera',
      );
      expect(rows).toHaveLength(1);
      expect(rows[0]?.row).not.toContain(password);
    } finally {
      await api.stop();
      await pool.end();
    }
  });
});
