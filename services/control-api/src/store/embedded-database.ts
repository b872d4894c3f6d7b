import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import { join } from 'node:path';
import { migrationsFolder } from './database.ts';
import type { Database } from './database.ts';
import { lockFolder } from './folder-lock.ts';
import { makeEmbeddedDatabase } from './make-embedded-database.ts';

/**
 * PostgreSQL inside this process (PGlite), its files in `DATA_DIR/database`. One process a folder.
 *
 * @throws FolderInUseError when another process has the folder, and the signal's reason once it is aborted
 */
export async function openEmbeddedDatabase(dataDir: string, signal?: AbortSignal): Promise<Database> {
  const release = lockFolder(join(dataDir, 'database.lock'));
  try {
    const folder = join(dataDir, 'database');
    await makeEmbeddedDatabase(folder, signal);
    const client = await PGlite.create(folder);
    const db = drizzle(client);
    return {
      kind: 'embedded',
      drizzle: db,
      // The folder lock has made this process the only one, so no advisory lock is needed.
      migrate: () => migrate(db, { migrationsFolder }),
      close: async () => {
        try {
          if (!client.closed) await client.close();
        } finally {
          release();
        }
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}
