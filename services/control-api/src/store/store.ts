import { CamplaneError } from '@camplane/contracts/problem';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database, Drizzle } from './database.ts';
import { within } from '../within.ts';
import { toStoreError } from './store-error.ts';

const retryFirstMs = 500;
const retryMaxMs = 10_000;
const closeDeadlineMs = 3000;

/** The database. Queries fail with `store-unavailable` until its tables are ready. */
export type Store = {
  /**
   * Runs a query.
   *
   * @throws CamplaneError `store-unavailable` while the database is unreachable, `internal` when it rejects the query
   */
  use<T>(query: (db: Drizzle) => Promise<T>): Promise<T>;
  /** Undefined when the tables are ready, else why they are not. */
  notReady(): string | undefined;
  close(): Promise<void>;
};

type StoreLog = { info(fields: object, message: string): void; warn(fields: object, message: string): void };

/**
 * Opens the database and migrates its tables. The first attempt is awaited. If the database is unreachable, it is
 * retried in the background with exponential backoff, and `onReady` is called once it succeeds.
 *
 * @throws what a retry cannot fix: a folder in use, a damaged database, rejected credentials
 */
export async function openStore(
  open: () => Promise<Database>,
  log: StoreLog,
  options: { random?: () => number; onReady?: () => void } = {},
): Promise<Store> {
  const random = options.random ?? Math.random;
  const stopping = new AbortController();
  const database = await open();
  let reason: string | undefined = 'the database is still starting';

  const attempt = async (): Promise<CamplaneError | undefined> => {
    try {
      await database.migrate();
      reason = undefined;
      log.info({ kind: database.kind }, 'database ready');
      return undefined;
    } catch (error) {
      return toStoreError(error);
    }
  };

  const retry = async (): Promise<void> => {
    for (let delayMs = retryFirstMs; !stopping.signal.aborted; delayMs = Math.min(delayMs * 2, retryMaxMs)) {
      await delay(delayMs * (0.75 + random() / 2), undefined, { signal: stopping.signal });
      const failure = await attempt();
      if (!failure) return options.onReady?.();
      reason = describe(failure);
      log.warn({ reason, delayMs }, 'database unreachable, will retry');
    }
  };

  const failure = await attempt();
  let retrying: Promise<void> = Promise.resolve();
  if (failure) {
    reason = describe(failure);
    if (failure.kind !== 'store-unavailable') {
      await database.close().catch(() => {});
      throw new Error(`the database cannot be used: ${reason}`, { cause: failure });
    }
    log.warn({ reason }, 'database unreachable, will retry in the background');
    retrying = retry().catch((error: unknown) => {
      if (!stopping.signal.aborted) log.warn({ reason: String(error) }, 'database retries ended');
    });
  }

  return {
    use: async (query) => {
      if (reason !== undefined) {
        throw new CamplaneError(
          'store-unavailable',
          'The database is unavailable, try again in a few seconds',
        );
      }
      try {
        return await query(database.drizzle);
      } catch (error) {
        throw toStoreError(error);
      }
    },
    notReady: () => reason,
    close: async () => {
      stopping.abort();
      reason = 'the service is stopping';
      // Bounded, so that an unresponsive server does not block the shutdown.
      await within(Promise.all([retrying, database.close()]), closeDeadlineMs);
    },
  };
}

function describe(failure: CamplaneError): string {
  return failure.cause instanceof Error ? failure.cause.message : failure.message;
}
