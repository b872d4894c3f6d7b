import { StartupError } from '@camplane/service-kit/startup-error';
import type { Logger } from '@camplane/service-kit/logging';
import { openEmbeddedDatabase } from './embedded/embedded-database.ts';
import type { EmbeddedDatabaseConfig } from './embedded/embedded-database.ts';
import { FolderInUseError } from './embedded/folder-lock.ts';
import { openPostgresDatabase } from './postgres-database.ts';
import { openStore } from './store.ts';
import type { Store } from './store.ts';
import { toStoreError } from './store-error.ts';

/**
 * Opens the configured database: a server, or the embedded one.
 *
 * @throws StartupError when a retry would not help; its message names the remedy
 */
export async function openConfiguredStore(
  config: EmbeddedDatabaseConfig & { databaseUrl?: string },
  log: Logger,
  onReady: () => void,
  signal?: AbortSignal,
): Promise<Store> {
  const { databaseUrl } = config;
  const open = () =>
    databaseUrl === undefined
      ? openEmbeddedDatabase(config, log, signal)
      : Promise.resolve(
          openPostgresDatabase({ connectionString: databaseUrl }, (error) =>
            log.warn({ reason: error.message }, 'idle database connection lost'),
          ),
        );
  try {
    return await openStore(open, log, { onReady });
  } catch (error) {
    if (error instanceof FolderInUseError) throw new StartupError(error.message, { cause: error });
    if (databaseUrl !== undefined) {
      const { cause, message } = toStoreError(error);
      const reason = cause instanceof Error ? cause.message : message;
      throw new StartupError(`the database at DATABASE_URL cannot be used: ${reason}`, { cause: error });
    }
    throw error;
  }
}
