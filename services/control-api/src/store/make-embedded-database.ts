import { once } from 'node:events';
import { existsSync, mkdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { onAbort } from '@camplane/runtime/abort';

/**
 * Makes the files of an empty database in `folder`, unless there is one. It takes seconds without a pause, so it is
 * done in a thread of its own: this one goes on answering, and hears when it is to stop. The files are made beside and
 * renamed when they are whole, so that a start that was broken off leaves nothing that looks like a database.
 *
 * @throws the signal's reason once it is aborted
 */
export async function makeEmbeddedDatabase(folder: string, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  if (existsSync(join(folder, 'PG_VERSION'))) return;
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  const worker = new Worker(workerFile(), { workerData: { folder: partial } });
  const removeListener = signal && onAbort(signal, () => void worker.terminate());
  try {
    await once(worker, 'exit');
    signal?.throwIfAborted();
  } finally {
    removeListener?.();
  }
  // The folder may be there, made by hand, and empty; one that holds something else is not ours to remove.
  if (existsSync(folder)) rmdirSync(folder);
  renameSync(partial, folder);
}

function workerFile(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./embedded-database-worker.${extension}`, import.meta.url);
}
