import { monotonicClock, wallClock } from '@camplane/runtime/clock';
import { startPostgres } from '@camplane/testkit/postgres';
import type { TestPostgres } from '@camplane/testkit/postgres';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newDatabase } from './new-database.ts';
import { runApi } from './running-api.ts';
import type { RunningApi, RunningApiConfig } from './running-api.ts';

/** APIs with access control on one PostgreSQL server, for the tests of one file. */
export type AccessSuite = {
  postgres: TestPostgres;
  folder: string;
  newDatabase(): Promise<string>;
  /** Starts an API with a new database unless `databaseUrl` names one. */
  start(config?: Partial<RunningApiConfig>): Promise<RunningApi>;
  /** Passes time for all APIs, now and later. */
  pass(ms: number): void;
  /** Stops the APIs and resets the time. */
  stopApis(): Promise<void>;
  stop(): Promise<void>;
};

export async function startAccessSuite(): Promise<AccessSuite> {
  const postgres = await startPostgres();
  const folder = mkdtempSync(join(tmpdir(), 'camplane-access-'));
  const running: RunningApi[] = [];
  let aheadMs = 0;
  let databases = 0;
  const clock = { ...monotonicClock, epochMs: () => wallClock.epochMs() + aheadMs };
  const stopApis = async (): Promise<void> => {
    await Promise.all(running.splice(0).map((api) => api.stop()));
    aheadMs = 0;
  };
  const create = () => newDatabase(postgres.url, `access_${databases++}`);
  return {
    postgres,
    folder,
    newDatabase: create,
    start: async (config = {}) => {
      const databaseUrl = config.databaseUrl ?? (await create());
      const api = await runApi({ auth: 'local', dataDir: folder, ...config, databaseUrl }, clock);
      running.push(api);
      return api;
    },
    pass: (ms) => (aheadMs += ms),
    stopApis,
    stop: async () => {
      await stopApis();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
