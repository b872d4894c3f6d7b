import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@camplane/service-kit/logging';
import type { Database } from '../database.ts';
import { openPostgresDatabase } from '../postgres-database.ts';
import { createCluster, databaseUser } from './create-cluster.ts';
import { databaseFolderIn, prepareDatabaseFolder, removeSocketFolder } from './database-folder.ts';
import { lockFolder } from './folder-lock.ts';
import { importPglite } from './import-pglite.ts';
import { findPostgres } from './postgres-program.ts';
import { awaitStart, superviseServer } from './postgres-server.ts';
import type { PostgresInstallation } from './run-program.ts';
import { chooseServerUser } from './server-user.ts';

const sessionsCloseMs = 300;

export type EmbeddedDatabaseConfig = {
  dataDir: string;
  /** POSTGRES_BIN, if it is set. */
  postgresBin?: string;
  /** PATH. */
  searchPath?: string;
};

/**
 * Starts a PostgreSQL server as a child process. It is reached over a Unix socket, and its files are in
 * `DATA_DIR/postgresql`.
 * Only one process may use a folder.
 *
 * @throws FolderInUseError when another process uses the folder, StartupError when PostgreSQL cannot run here, and
 * the signal's reason once it is aborted
 */
export async function openEmbeddedDatabase(
  config: EmbeddedDatabaseConfig,
  log: Logger,
  signal: AbortSignal = new AbortController().signal,
): Promise<Database> {
  const dataDir = resolve(config.dataDir);
  // Version 0.1, which kept PGlite in this folder, takes the same lock.
  const release = lockFolder(join(dataDir, 'database.lock'));
  try {
    const startedMs = performance.now();
    const program = await findPostgres({
      ...(config.postgresBin === undefined ? {} : { configured: config.postgresBin }),
      searchPath: config.searchPath ?? '',
    });
    const folder = databaseFolderIn(dataDir);
    mkdirSync(dataDir, { recursive: true });
    const user = chooseServerUser({
      databaseFolder: folder.path,
      dataFolder: dataDir,
      entered: [folder.path, program.postgres],
    });
    const installation = { program, folder, user };
    prepareDatabaseFolder(folder, program, user);
    signal.throwIfAborted();
    await createCluster(installation, signal);
    return await startServer(installation, { dataDir, startedMs, log, signal, release });
  } catch (error) {
    release();
    throw error;
  }
}

async function startServer(
  installation: PostgresInstallation,
  options: { dataDir: string; startedMs: number; log: Logger; signal: AbortSignal; release(): void },
): Promise<Database> {
  const { log, signal } = options;
  const connection = { host: installation.folder.socket, user: databaseUser, database: 'postgres' };
  const client = openPostgresDatabase(connection, (error) =>
    log.debug({ reason: error.message }, 'idle database connection lost'),
  );
  const server = superviseServer({
    installation,
    probe: async () => void (await client.drizzle.execute('select 1')),
    log,
  });
  const close = async (): Promise<void> => {
    // Its queries are over by now; PostgreSQL ends the sessions of any that hang.
    await Promise.race([client.close().catch(() => undefined), delay(sessionsCloseMs)]);
    await server.stop();
    removeSocketFolder(installation.folder);
  };
  try {
    await awaitStart(server, signal);
    log.debug({ durationMs: Math.round(performance.now() - options.startedMs) }, 'embedded database started');
    await importPglite({
      dataDir: options.dataDir,
      migrate: () => client.migrate(),
      connection,
      log,
      signal,
    });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    kind: 'embedded',
    drizzle: client.drizzle,
    migrate: () => client.migrate(),
    close: async () => {
      await close();
      options.release();
    },
  };
}
