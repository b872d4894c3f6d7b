import { sql } from 'drizzle-orm';
import type { Drizzle } from '../store/database.ts';
import { revisionTable, roleTable, sessionTable, tokenTable, userTable } from '../store/access-schema.ts';
import type { IdentityRows } from './identity.ts';

/** A database connection, in a transaction or not. */
export type Connection = Pick<Drizzle, 'select' | 'insert' | 'update' | 'delete' | 'execute'>;

export async function readRevision(db: Connection): Promise<number> {
  const [row] = await db.select().from(revisionTable);
  return row?.revision ?? 0;
}

/** Increments the revision and locks its row, so that changes are serialized until the transaction ends. */
export async function nextRevision(tx: Connection): Promise<number> {
  const [row] = await tx
    .insert(revisionTable)
    .values({ id: 1, revision: 1 })
    .onConflictDoUpdate({ target: revisionTable.id, set: { revision: sql`${revisionTable.revision} + 1` } })
    .returning();
  if (!row) throw new Error('the revision was not written');
  return row.revision;
}

/** The rows have this revision or a newer one. */
export async function readIdentityRows(db: Connection, revision: number): Promise<IdentityRows> {
  return {
    revision,
    users: await db.select().from(userTable),
    roles: await db.select().from(roleTable),
    sessions: await db.select().from(sessionTable),
    tokens: await db.select().from(tokenTable),
  };
}

/** Moments of last use, by the id of the session or token. */
export type LastUses = ReadonlyMap<string, Date>;

export async function writeLastUses(db: Connection, uses: LastUses): Promise<void> {
  if (uses.size === 0) return;
  const rows = JSON.stringify([...uses].map(([id, at]) => ({ id, at: at.toISOString() })));
  for (const table of [sessionTable, tokenTable]) {
    await db.execute(sql`
      update ${table} set last_used_at = greatest(last_used_at, used.at)
      from jsonb_to_recordset(${rows}::jsonb) as used(id uuid, at timestamptz)
      where ${table.id} = used.id`);
  }
}
