import { messageOf } from '@camplane/runtime/message-of';
import { sql } from 'drizzle-orm';
import type { StoredCredentials } from '../credentials/stored-credentials.ts';
import type { Store } from '../store/store.ts';
import type { CameraTable } from './camera-table.ts';

type Log = Record<'info' | 'warn', (fields: object, message: string) => void>;

/**
 * Encrypts stored credentials that are plain, from version 0.1, or have an earlier key. It does so once: during a rolling
 * rotation two replicas with different keys would otherwise undo each other's work for ever. A failed attempt is logged and
 * repeated with the next call.
 */
export function createCredentialsRenewal(deps: {
  table: Pick<CameraTable, 'list' | 'renewCredentials'>;
  store: Pick<Store, 'use'>;
  storedCredentials: StoredCredentials;
  log: Log;
}): () => Promise<void> {
  const { table, store, storedCredentials, log } = deps;
  let isDone = false;
  return async () => {
    if (isDone) return;
    // Without locks first: usually there is nothing to do.
    const rows = await table.list();
    const opened = rows.map(({ id, credentials }) => storedCredentials.open(id, credentials));
    const isPlain = opened.some(({ kind }) => kind === 'plain');
    try {
      if (rows.some(({ id, credentials }) => storedCredentials.renew(id, credentials))) {
        const cameras = await table.renewCredentials(
          ({ id, credentials }) => storedCredentials.renew(id, credentials),
          { erase: isPlain },
        );
        log.info({ cameras }, isPlain ? 'camera passwords encrypted' : 'camera passwords have the new key');
        if (isPlain) await discardLog(store);
      }
      isDone = true;
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'camera passwords could not be encrypted, will retry');
    }
  };
}

/**
 * The write-ahead log still has the plain values. The embedded server removes it here; on another server that is up to the
 * administrator, whose rights this needs.
 */
async function discardLog(store: Pick<Store, 'use'>): Promise<void> {
  await store.use((db) => db.execute(sql`select pg_switch_wal()`)).catch(() => undefined);
  await store.use((db) => db.execute(sql`checkpoint`)).catch(() => undefined);
}
