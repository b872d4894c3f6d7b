import { auditEntrySchema } from '@camplane/contracts/access';
import type { AuditEntry, AuditQuery } from '@camplane/contracts/access';
import { and, desc, gte, inArray, lt, sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import { clampTime, decodeCursor, encodeCursor } from '../detections/page-cursor.ts';
import { auditTable } from '../store/access-schema.ts';
import type { Store } from '../store/store.ts';

/** The table of audit entries. Every method may throw CamplaneError `store-unavailable`. */
export type AuditTable = {
  insert(entries: readonly AuditEntry[]): Promise<void>;
  /** A page, newest first. @throws CamplaneError `invalid-query` for an invalid cursor */
  list(query: AuditQuery): Promise<{ items: AuditEntry[]; nextCursor: string | null }>;
  deleteBefore(moment: Date): Promise<void>;
};

export function createAuditTable(store: Pick<Store, 'use'>): AuditTable {
  return {
    insert: async (entries) => {
      const rows = entries.map((entry) => ({ ...entry, at: new Date(entry.at) }));
      // A batch whose commit was not confirmed is written again.
      await store.use((db) => db.insert(auditTable).values(rows).onConflictDoNothing());
    },
    list: async (query) => {
      const conditions = conditionsOf(query);
      const found = await store.use((db) =>
        db
          .select()
          .from(auditTable)
          .where(and(...conditions))
          .orderBy(desc(auditTable.at), desc(auditTable.id))
          // One more, to detect another page.
          .limit(query.limit + 1),
      );
      const rows = found.slice(0, query.limit);
      const last = found.length > query.limit ? rows.at(-1) : undefined;
      return {
        items: rows.map((row) => auditEntrySchema.parse({ ...row, at: row.at.toISOString() })),
        nextCursor: last ? encodeCursor({ capturedAt: last.at, id: last.id }) : null,
      };
    },
    deleteBefore: async (moment) => {
      await store.use((db) => db.delete(auditTable).where(lt(auditTable.at, clampTime(moment))));
    },
  };
}

function conditionsOf({ username, cameraId, action, outcome, from, to, cursor }: AuditQuery): SQL[] {
  const conditions: (SQL | undefined)[] = [
    username && inArray(auditTable.username, username),
    cameraId && inArray(auditTable.cameraId, cameraId),
    action && inArray(auditTable.action, action),
    outcome && inArray(auditTable.outcome, outcome),
    from === undefined ? undefined : gte(auditTable.at, clampTime(new Date(from))),
    to === undefined ? undefined : lt(auditTable.at, clampTime(new Date(to))),
    cursor === undefined ? undefined : afterCursor(cursor),
  ];
  return conditions.filter((condition) => condition !== undefined);
}

/** A row comparison, which the indexes support. */
function afterCursor(cursor: string): SQL {
  const { capturedAt, id } = decodeCursor(cursor);
  return sql`(${auditTable.at}, ${auditTable.id}) < (${sql.param(capturedAt, auditTable.at)}, ${sql.param(id, auditTable.id)})`;
}
