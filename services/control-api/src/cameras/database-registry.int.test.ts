import { afterAll, beforeAll, jest } from '@jest/globals';
import { startPostgres } from '@camplane/testkit/postgres';
import type { TestPostgres } from '@camplane/testkit/postgres';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedDatabase } from '../store/embedded/embedded-database.ts';
import { describeCameras } from '../testing/camera-suite.ts';
import { keepLog } from '../testing/keep-log.ts';
import { newDatabase, runSql } from '../testing/new-database.ts';

jest.setTimeout(60_000);

let postgres: TestPostgres;
let databases = 0;
const folders: string[] = [];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'camplane-control-api-'));
  folders.push(folder);
  return folder;
}

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(async () => {
  await postgres.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Replaces specs by invalid ones. */
const damage = (ids: string[], canary: string): string =>
  `update camera set spec = '{"source": {"url": "${canary}"}}' where id in (${ids.map((id) => `'${id}'`).join()})`;

describeCameras({
  name: 'the embedded database',
  newPlace: async () => ({ config: { dataDir: newFolder() } }),
  damage: async ({ config }, ids, canary) => {
    const database = await openEmbeddedDatabase(config, keepLog().log);
    await database.drizzle.execute(damage(ids, canary));
    await database.close();
  },
});

describeCameras({
  name: 'a PostgreSQL server',
  newPlace: async () => {
    const databaseUrl = await newDatabase(postgres.url, `cameras${databases++}`);
    return { config: { dataDir: newFolder(), databaseUrl } };
  },
  damage: ({ config }, ids, canary) => runSql(config.databaseUrl, damage(ids, canary)),
});
