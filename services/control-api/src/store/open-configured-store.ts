import { StartupError } from '@camplane/service-kit/startup-error';
import type { Logger } from '@camplane/service-kit/logging';
import { tlsFailureOf } from '@camplane/service-kit/tls-failure';
import type { TlsFailure } from '@camplane/service-kit/tls-failure';
import { databaseServer, warnIfPlainDatabase } from './database-server.ts';
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
  config: EmbeddedDatabaseConfig & { databaseUrl?: string; databaseCaFile?: string },
  log: Logger,
  onReady: () => void,
  signal?: AbortSignal,
): Promise<Store> {
  const { databaseUrl, databaseCaFile } = config;
  if (databaseUrl === undefined && databaseCaFile !== undefined)
    throw new StartupError(
      'DATABASE_CA_FILE is set, but DATABASE_URL is not: set it, or remove DATABASE_CA_FILE',
    );
  const server = databaseUrl === undefined ? undefined : databaseServer(databaseUrl, databaseCaFile);
  if (server) warnIfPlainDatabase(server, log);
  const open = () =>
    server === undefined
      ? openEmbeddedDatabase(config, log, signal)
      : Promise.resolve(
          openPostgresDatabase(server, (error) =>
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
      const failure = tlsFailureOf(cause);
      throw new StartupError(
        `the database at DATABASE_URL cannot be used: ${reason}${failure ? `; ${tlsRemedies[failure]}` : ''}`,
        { cause: error },
      );
    }
    throw error;
  }
}

const tlsRemedies: Readonly<Record<TlsFailure, string>> = {
  'unknown-authority': 'DATABASE_CA_FILE must have the certificate authority of the server',
  'other-host': "use a name of the server's certificate in DATABASE_URL",
  expired: "renew the server's certificate, or check the clocks",
  'client-certificate': 'the server wants a client certificate: add sslcert and sslkey to DATABASE_URL',
  'no-tls': 'the port has no TLS',
};
