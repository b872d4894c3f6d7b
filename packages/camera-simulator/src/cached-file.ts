import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A file or folder of the cache folder, written by `write` to the path that it is given if the cache does not hold it. */
export async function cachedFile(
  cacheFolder: string,
  name: string,
  write: (partial: string) => Promise<void>,
): Promise<string> {
  const file = join(cacheFolder, name);
  if (await exists(file)) return file;
  await mkdir(cacheFolder, { recursive: true });
  // Written to a temporary file and renamed: concurrent calls succeed, and an aborted one leaves no partial file.
  const partial = join(cacheFolder, `${randomUUID()}.partial`);
  try {
    await write(partial);
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true, recursive: true });
  }
  return file;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.size > 0,
    () => false,
  );
}
