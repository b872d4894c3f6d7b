import { asc, count, eq, sql } from 'drizzle-orm';
import { isDeepStrictEqual } from 'node:util';
import type { Drizzle } from '../store/database.ts';
import { cameraTable } from '../store/schema.ts';
import type { CameraRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { cameraNotFound } from './camera-not-found.ts';
import { cameraExists, cameraLimit } from './camera-refusals.ts';

/** Held while cameras are counted, so that two replicas cannot both add the last one. */
const createLockKey = 7_230_114_002;

type NewRow = Pick<CameraRow, 'id' | 'spec' | 'credentials'>;

/** The rows of cameras in the database. Every method may throw CamplaneError `store-unavailable`. */
export type CameraTable = {
  list(): Promise<CameraRow[]>;
  get(id: string): Promise<CameraRow | undefined>;
  /** @throws CamplaneError `camera-exists`, `camera-limit` */
  insert(row: NewRow): Promise<CameraRow>;
  /**
   * Locks the row, computes its new values and writes them if they differ. A change of `spec` or `credentials`
   * increments the generation.
   *
   * @throws CamplaneError `camera-not-found`
   */
  update(id: string, compute: (row: CameraRow) => Partial<CameraRow>): Promise<CameraRow>;
  /**
   * Replaces credentials where `renew` returns a value, in one transaction: all are replaced, or none. The generation
   * stays. With `erase` the replaced values are removed from the table's file as well.
   *
   * @returns how many were replaced
   */
  renewCredentials(renew: (row: CameraRow) => unknown, options: { erase: boolean }): Promise<number>;
  /** False if there is no such row. */
  remove(id: string): Promise<boolean>;
};

export function createCameraTable(deps: {
  store: Pick<Store, 'use'>;
  maxCameras: number;
  now: () => Date;
}): CameraTable {
  const { store, maxCameras, now } = deps;
  return {
    list: () => store.use((db) => db.select().from(cameraTable).orderBy(asc(cameraTable.id))),
    get: async (id) => {
      const [row] = await store.use((db) => db.select().from(cameraTable).where(eq(cameraTable.id, id)));
      return row;
    },
    insert: (row) => {
      const at = now();
      return store.use((db) =>
        db.transaction(async (tx) => {
          await requireRoom(tx, maxCameras, row.id);
          const values = { ...row, createdAt: at, updatedAt: at };
          const [written] = await tx.insert(cameraTable).values(values).onConflictDoNothing().returning();
          if (!written) throw cameraExists(row.id);
          return written;
        }),
      );
    },
    update: (id, compute) =>
      store.use((db) =>
        db.transaction(async (tx) => {
          const [current] = await tx.select().from(cameraTable).where(eq(cameraTable.id, id)).for('update');
          if (!current) throw cameraNotFound(id);
          const changes = compute(current);
          const changed = (Object.keys(changes) as (keyof CameraRow)[]).filter(
            (key) => !isDeepStrictEqual(changes[key], current[key]),
          );
          if (changed.length === 0) return current;
          const isNewGeneration = changed.includes('spec') || changed.includes('credentials');
          const generation = current.generation + (isNewGeneration ? 1 : 0);
          const [written] = await tx
            .update(cameraTable)
            .set({ ...changes, generation, updatedAt: now() })
            .where(eq(cameraTable.id, id))
            .returning();
          return written ?? current;
        }),
      ),
    renewCredentials: (renew, { erase }) =>
      store.use((db) =>
        db.transaction(async (tx) => {
          const rows = await tx.select().from(cameraTable).orderBy(asc(cameraTable.id)).for('update');
          const renewed = rows.flatMap((row) => {
            const credentials = renew(row);
            return credentials === undefined ? [] : [{ id: row.id, credentials }];
          });
          for (const { id, credentials } of renewed) {
            await tx.update(cameraTable).set({ credentials }).where(eq(cameraTable.id, id));
          }
          if (renewed.length > 0 && erase) await rewriteTable(tx);
          return renewed.length;
        }),
      ),
    remove: async (id) => {
      const removed = await store.use((db) =>
        db.delete(cameraTable).where(eq(cameraTable.id, id)).returning({ id: cameraTable.id }),
      );
      return removed.length > 0;
    },
  };
}

/**
 * Writes the table into a new file, without earlier versions of its rows: an update leaves those in place, and VACUUM
 * only marks their space as free. A change of type with an expression always rewrites, and can be part of a transaction.
 */
async function rewriteTable(tx: Pick<Drizzle, 'execute'>): Promise<void> {
  await tx.execute(
    sql`alter table camera alter column credentials type jsonb using credentials || '{}'::jsonb`,
  );
}

async function requireRoom(
  tx: Pick<Drizzle, 'execute' | 'select'>,
  maxCameras: number,
  id: string,
): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${createLockKey}::bigint)`);
  const [existing] = await tx.select({ id: cameraTable.id }).from(cameraTable).where(eq(cameraTable.id, id));
  if (existing) throw cameraExists(id);
  const [counted] = await tx.select({ cameras: count() }).from(cameraTable);
  if ((counted?.cameras ?? 0) >= maxCameras) throw cameraLimit(maxCameras);
}
