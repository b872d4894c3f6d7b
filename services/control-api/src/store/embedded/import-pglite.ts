import { once } from 'node:events';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { onAbort } from '@camplane/runtime/abort';
import { messageOf } from '@camplane/runtime/message-of';
import type { Logger } from '@camplane/service-kit/logging';
import { StartupError } from '@camplane/service-kit/startup-error';
import type pg from 'pg';

/**
 * Copies the database of version 0.1 (PGlite, in `DATA_DIR/database`) into the PostgreSQL server and renames the old
 * folder. All rows are one transaction and existing ones are kept, so an import that was
 * interrupted at any point is repeated by the next start.
 *
 * PGlite holds its 300 MiB only as long as the worker thread lives.
 */
export async function importPglite(options: {
  dataDir: string;
  /** Creates the tables on the server. */
  migrate(): Promise<void>;
  connection: pg.ClientConfig;
  log: Logger;
  signal: AbortSignal;
}): Promise<void> {
  const { dataDir, log, signal } = options;
  const old = join(dataDir, 'database');
  // Version 0.1 leaves it if it is stopped while creating a database.
  rmSync(`${old}.partial`, { recursive: true, force: true });
  if (!existsSync(join(old, 'PG_VERSION'))) return;
  log.info({ folder: old }, 'importing the PGlite database of an earlier version');
  const startedMs = performance.now();
  let rows: Record<string, number>;
  try {
    await options.migrate();
    rows = await runImport({ folder: old, connection: options.connection }, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw new StartupError(
      `the PGlite database in ${old} could not be imported: ${messageOf(error)}. Its rows are unchanged: try again, or move the ` +
        'folder away to start with an empty database',
      { cause: error },
    );
  }
  const kept = freeName(`${old}.pglite`);
  renameSync(old, kept);
  const durationMs = Math.round(performance.now() - startedMs);
  log.info({ rows, folder: kept, durationMs }, 'PGlite database imported, old folder kept');
}

async function runImport(
  workerData: { folder: string; connection: pg.ClientConfig },
  signal: AbortSignal,
): Promise<Record<string, number>> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const worker = new Worker(new URL(`./import-pglite-worker.${extension}`, import.meta.url), { workerData });
  const removeListener = onAbort(signal, () => void worker.terminate());
  const exited = once(worker, 'exit');
  try {
    // Rejects with what the worker throws.
    const [rows] = (await Promise.race([once(worker, 'message'), exited.then(() => [undefined])])) as [
      Record<string, number> | undefined,
    ];
    await exited;
    if (rows === undefined) throw new Error('the import ended early');
    return rows;
  } finally {
    removeListener();
  }
}

function freeName(name: string): string {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name}-${number}`;
    if (!existsSync(candidate)) return candidate;
  }
}
