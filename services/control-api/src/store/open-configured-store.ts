import { StartupError } from '@camplane/service-kit/startup-error';
import type { Logger } from '@camplane/service-kit/logging';
import { openEmbeddedDatabase } from './embedded-database.ts';
import { FolderInUseError } from './folder-lock.ts';
import { openPostgresDatabase } from './postgres-database.ts';
import { openStore } from './store.ts';
import type { Store } from './store.ts';
import { toStoreError } from './store-error.ts';

/**
 * The database that the configuration names.
 *
 * @throws StartupError when waiting would not help; the message says what would
 */
export async function openConfiguredStore(
  config: { databaseUrl?: string; dataDir: string },
  log: Logger,
  onReady: () => void,
  signal?: AbortSignal,
): Promise<Store> {
  const { databaseUrl, dataDir } = config;
  const open = () =>
    databaseUrl === undefined
      ? openEmbeddedDatabase(dataDir, signal)
      : Promise.resolve(
          openPostgresDatabase(databaseUrl, (error) =>
            log.warn({ reason: error.message }, 'an idle database connection was lost'),
          ),
        );
  try {
    return await openStore(open, log, { onReady });
  } catch (error) {
    if (error instanceof FolderInUseError) throw new StartupError(error.message, { cause: error });
    if (databaseUrl !== undefined) {
      const { cause, message } = toStoreError(error);
      const why = cause instanceof Error ? cause.message : message;
      throw new StartupError(`the database at DATABASE_URL cannot be used: ${why}`, { cause: error });
    }
    throw error;
  }
}
