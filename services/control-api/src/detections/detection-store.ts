import type { DetectionQuery } from '@camplane/contracts/detection';
import { and, desc, eq, gte, inArray, lt, sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import type { DetectionsOfCamera } from '../access/camera-rights.ts';
import type { Drizzle } from '../store/database.ts';
import { isDuplicateKey, toStoreError } from '../store/store-error.ts';
import { detectionTable } from '../store/schema.ts';
import type { DetectionRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { rowsOf } from './accepted-result.ts';
import type { AcceptedResult } from './accepted-result.ts';
import { clampTime, decodeCursor, encodeCursor } from './page-cursor.ts';

const insertAttemptsMax = 3;

/** The table of detections. Every method may throw CamplaneError `store-unavailable`. */
export type DetectionStore = {
  /** Inserts missing rows in one transaction. @returns the number of new rows */
  insert(results: readonly AcceptedResult[]): Promise<number>;
  /** A page of the detections that are among the readable ones, newest first. @throws CamplaneError `invalid-query` for an invalid cursor */
  list(
    query: DetectionQuery,
    readable: 'all' | DetectionsOfCamera[],
  ): Promise<{ rows: DetectionRow[]; nextCursor: string | null }>;
  get(id: string): Promise<DetectionRow | undefined>;
  originOf(id: string): Promise<{ cameraId: string; capturedAtMs: number } | undefined>;
  /** Deletes up to `limit` older rows, oldest first. @returns the number of deleted rows */
  deleteBefore(moment: Date, limit: number): Promise<number>;
};

export function createDetectionStore(store: Pick<Store, 'use'>): DetectionStore {
  return {
    insert: async (results) => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await store.use((db) => insertNew(db, results));
        } catch (error) {
          // Another replica stored the first detection of a track at the same time: the retry reads it.
          if (attempt === insertAttemptsMax || !isDuplicateKey(toStoreError(error))) throw error;
        }
      }
    },
    list: async (query, readable) => {
      const conditions = conditionsOf(query);
      if (readable !== 'all') conditions.push(isAmong(readable));
      const found = await store.use((db) =>
        db
          .select()
          .from(detectionTable)
          .where(and(...conditions))
          .orderBy(desc(detectionTable.capturedAt), desc(detectionTable.id))
          // One more, to detect another page.
          .limit(query.limit + 1),
      );
      const rows = found.slice(0, query.limit);
      const last = found.length > query.limit ? rows.at(-1) : undefined;
      return { rows, nextCursor: last ? encodeCursor(last) : null };
    },
    get: async (id) => {
      const [row] = await store.use((db) =>
        db.select().from(detectionTable).where(eq(detectionTable.id, id)),
      );
      return row;
    },
    originOf: async (id) => {
      const [row] = await store.use((db) =>
        db
          .select({ cameraId: detectionTable.cameraId, capturedAt: detectionTable.capturedAt })
          .from(detectionTable)
          .where(eq(detectionTable.id, id)),
      );
      return row && { cameraId: row.cameraId, capturedAtMs: row.capturedAt.getTime() };
    },
    deleteBefore: async (moment, limit) => {
      const removed = await store.use((db) =>
        db
          .delete(detectionTable)
          .where(
            inArray(
              detectionTable.id,
              db
                .select({ id: detectionTable.id })
                .from(detectionTable)
                .where(lt(detectionTable.capturedAt, clampTime(moment)))
                .orderBy(detectionTable.capturedAt, detectionTable.id)
                .limit(limit),
            ),
          )
          .returning({ id: detectionTable.id }),
      );
      return removed.length;
    },
  };
}

function insertNew(db: Drizzle, results: readonly AcceptedResult[]): Promise<number> {
  const rows = [...new Map(results.flatMap(rowsOf).map((row) => [row.id, row])).values()];
  if (rows.length === 0) return Promise.resolve(0);
  return db.transaction(async (tx) => {
    const tracks = [...new Set(rows.map((row) => row.trackId))];
    const existing = await tx
      .select({ trackId: detectionTable.trackId })
      .from(detectionTable)
      .where(and(inArray(detectionTable.trackId, tracks), sql`${detectionTable.isFirstOfTrack}`));
    const known = new Set(existing.map(({ trackId }) => trackId));
    const values = rows
      .sort((a, b) => a.capturedAt.getTime() - b.capturedAt.getTime())
      .map((row) => {
        const isFirstOfTrack = !known.has(row.trackId);
        known.add(row.trackId);
        return { ...row, isFirstOfTrack };
      });
    const written = await tx
      .insert(detectionTable)
      .values(values)
      .onConflictDoNothing({ target: detectionTable.id })
      .returning({ id: detectionTable.id });
    return written.length;
  });
}

function conditionsOf(query: DetectionQuery): SQL[] {
  const { cameraId, label, detector, trackId, minConfidence, from, to, firstOfTrack, cursor } = query;
  const table = detectionTable;
  const conditions: (SQL | undefined)[] = [
    cameraId && inArray(table.cameraId, cameraId),
    label && inArray(table.label, label),
    detector && inArray(table.detector, detector),
    trackId === undefined ? undefined : eq(table.trackId, trackId),
    minConfidence === undefined ? undefined : gte(table.confidence, minConfidence),
    from === undefined ? undefined : gte(table.capturedAt, clampTime(new Date(from))),
    to === undefined ? undefined : lt(table.capturedAt, clampTime(new Date(to))),
    // The expression of the partial index; the planner does not use it for others.
    firstOfTrack === true ? sql`${table.isFirstOfTrack}` : undefined,
    cursor === undefined ? undefined : afterCursor(cursor),
  ];
  return conditions.filter((condition) => condition !== undefined);
}

/** One parameter for any number of cameras. */
function isAmong(readable: readonly DetectionsOfCamera[]): SQL {
  const { cameraId, capturedAt } = detectionTable;
  const list = JSON.stringify(
    readable.map(({ cameraId: id, sinceMs }) => ({ id, since: new Date(sinceMs).toISOString() })),
  );
  return sql`exists (
    select 1 from json_to_recordset(${list}::json) as readable(id text, since timestamptz)
    where readable.id = ${cameraId} and ${capturedAt} >= readable.since
  )`;
}

/** A row comparison, which the indexes support. */
function afterCursor(cursor: string): SQL {
  const { capturedAt, id } = decodeCursor(cursor);
  const { capturedAt: timeColumn, id: idColumn } = detectionTable;
  return sql`(${timeColumn}, ${idColumn}) < (${sql.param(capturedAt, timeColumn)}, ${sql.param(id, idColumn)})`;
}
