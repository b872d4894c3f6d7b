import { CamplaneError } from '@camplane/contracts/problem';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database, Drizzle } from './database.ts';
import { toStoreError } from './store-error.ts';

const retryFirstMs = 500;
const retryMaxMs = 10_000;
const closeDeadlineMs = 2000;

/** The database, once it is there. */
export type Store = {
  /**
   * Runs a query.
   *
   * @throws CamplaneError `store-unavailable` while the database is away, `internal` when it refuses
   */
  use<T>(query: (db: Drizzle) => Promise<T>): Promise<T>;
  /** Undefined when the tables are ready, else why they are not. */
  notReady(): string | undefined;
  close(): Promise<void>;
};

type StoreLog = { info(fields: object, message: string): void; warn(fields: object, message: string): void };

/**
 * Opens the database and brings its tables up to date. The first attempt is awaited; if the database is away,
 * attempts go on in the background with growing pauses, and `onReady` is called after the one that succeeds.
 *
 * @throws whatever waiting cannot mend: a folder in use, a damaged database, a refused login
 */
export async function openStore(
  open: () => Promise<Database>,
  log: StoreLog,
  options: { random?: () => number; onReady?: () => void } = {},
): Promise<Store> {
  const random = options.random ?? Math.random;
  const stopping = new AbortController();
  const database = await open();
  let reason: string | undefined = 'the database has not answered yet';

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
    for (let pauseMs = retryFirstMs; !stopping.signal.aborted; pauseMs = Math.min(pauseMs * 2, retryMaxMs)) {
      await delay(pauseMs * (0.75 + random() / 2), undefined, { signal: stopping.signal });
      const failure = await attempt();
      if (!failure) return options.onReady?.();
      reason = describe(failure);
      log.warn({ reason, pauseMs }, 'database still away');
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
    log.warn({ reason }, 'database away: trying again in the background');
    retrying = retry().catch((error: unknown) => {
      if (!stopping.signal.aborted) log.warn({ reason: String(error) }, 'gave up waiting for the database');
    });
  }

  return {
    use: async (query) => {
      if (reason !== undefined) {
        throw new CamplaneError(
          'store-unavailable',
          'The database does not answer: try again in a few seconds',
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
      // Bounded: a server that hangs must not hold up the shutdown.
      const done = new AbortController();
      await Promise.race([
        Promise.all([retrying, database.close()]),
        delay(closeDeadlineMs, undefined, { signal: done.signal }),
      ]);
      done.abort();
    },
  };
}

function describe(failure: CamplaneError): string {
  return failure.cause instanceof Error ? failure.cause.message : failure.message;
}
