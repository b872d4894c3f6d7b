import { lt, or } from 'drizzle-orm';
import { loginAttemptTable, sessionTable } from '../store/access-schema.ts';
import type { Store } from '../store/store.ts';
import { sessionAbsoluteMs, sessionIdleMs } from './lifetimes.ts';

/** Deletes sessions and counters of logins that have expired. @throws CamplaneError `store-unavailable` */
export async function deleteExpired(store: Pick<Store, 'use'>, nowMs: number): Promise<void> {
  await store.use(async (db) => {
    await db
      .delete(sessionTable)
      .where(
        or(
          lt(sessionTable.createdAt, new Date(nowMs - sessionAbsoluteMs)),
          lt(sessionTable.lastUsedAt, new Date(nowMs - sessionIdleMs)),
        ),
      );
    await db.delete(loginAttemptTable).where(lt(loginAttemptTable.expire, nowMs));
  });
}
