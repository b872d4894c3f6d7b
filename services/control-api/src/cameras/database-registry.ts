import type { CameraInput } from '@camplane/contracts/camera';
import { credentialsSchema } from '@camplane/contracts/camera';
import { CamplaneError } from '@camplane/contracts/problem';
import { asc, count, eq, sql } from 'drizzle-orm';
import { isDeepStrictEqual } from 'node:util';
import type { Drizzle } from '../store/database.ts';
import { cameraTable } from '../store/schema.ts';
import type { CameraRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { cameraNotFound } from './camera-not-found.ts';
import { cameraExists, cameraLimit, refuseOtherHost, storedInvalid } from './camera-refusals.ts';
import { parseCameraRow, storedSpecSchema } from './camera-row.ts';
import { mayReuseCredentials } from './credentials-scope.ts';
import { createOneAtATime } from './one-at-a-time.ts';
import type { CameraListener, CameraRecord, CameraRegistry } from './registry.ts';

const changesMaxWaiting = 100;
/** Taken while counting cameras, so that two replicas cannot both add the last one. */
const createLockKey = 7_230_114_002;

type RegistryLog = { error(fields: object, message: string): void };

/** The registry on the database. */
export type DatabaseRegistry = CameraRegistry & {
  /** Reads all cameras and tells listeners what changed behind this process's back. */
  resync(): Promise<void>;
};

export function createDatabaseRegistry(deps: {
  store: Pick<Store, 'use'>;
  maxCameras: number;
  now: () => Date;
  log: RegistryLog;
}): DatabaseRegistry {
  const { store, now, log } = deps;
  const listeners = new Set<CameraListener>();
  const told = new Map<string, CameraRecord>();
  const reported = new Map<string, number>();
  // Changes and re-reads take turns: a list read before a change must not be compared after it.
  const inTurn = createOneAtATime(changesMaxWaiting);

  const toRecord = (row: CameraRow): CameraRecord | undefined => {
    const parsed = parseCameraRow(row);
    if (parsed.ok) {
      reported.delete(row.id);
      return parsed.camera;
    }
    // Once a version of the row: the table is read every few seconds.
    if (reported.get(row.id) !== row.updatedAt.getTime()) {
      reported.set(row.id, row.updatedAt.getTime());
      log.error({ cameraId: parsed.id, fields: parsed.fields }, 'stored camera is not valid: left out');
    }
    return undefined;
  };

  const tell = (change: Parameters<CameraListener>[0]): void => {
    for (const listener of listeners) {
      try {
        listener(change);
      } catch (error) {
        log.error({ err: error }, 'a listener to camera changes failed');
      }
    }
  };

  const tellChanged = (camera: CameraRecord): CameraRecord => {
    if (!isDeepStrictEqual(told.get(camera.id), camera)) {
      told.set(camera.id, camera);
      tell({ type: 'changed', camera });
    }
    return camera;
  };

  const tellRemoved = (id: string): void => {
    if (told.delete(id)) tell({ type: 'removed', id });
  };

  const readAll = async (): Promise<CameraRecord[]> => {
    const rows = await store.use((db) => db.select().from(cameraTable).orderBy(asc(cameraTable.id)));
    return rows.flatMap((row) => toRecord(row) ?? []);
  };

  /** Locks a camera's row, works out its new values, writes them if they differ. */
  const change = (id: string, compute: (row: CameraRow) => Partial<CameraRow>): Promise<CameraRecord> =>
    inTurn(async () => {
      const row = await store.use((db) =>
        db.transaction(async (tx) => {
          const [current] = await tx.select().from(cameraTable).where(eq(cameraTable.id, id)).for('update');
          if (!current) throw cameraNotFound(id);
          const changes = compute(current);
          const isNew = (key: string) =>
            !isDeepStrictEqual(changes[key as keyof CameraRow], current[key as keyof CameraRow]);
          const changed = Object.keys(changes).filter(isNew);
          if (changed.length === 0) return current;
          const raises = changed.includes('spec') || changed.includes('credentials');
          const [written] = await tx
            .update(cameraTable)
            .set({ ...changes, generation: current.generation + (raises ? 1 : 0), updatedAt: now() })
            .where(eq(cameraTable.id, id))
            .returning();
          return written ?? current;
        }),
      );
      const camera = toRecord(row);
      if (!camera) throw storedInvalid(id);
      return tellChanged(camera);
    });

  return {
    list: readAll,
    get: async (id) => {
      const [row] = await store.use((db) => db.select().from(cameraTable).where(eq(cameraTable.id, id)));
      return row && toRecord(row);
    },
    create: ({ id, ...input }) =>
      inTurn(async () => {
        const at = now();
        const values = { id, ...splitInput(input), createdAt: at, updatedAt: at };
        const row = await store.use((db) =>
          db.transaction(async (tx) => {
            await refuseAtLimit(tx, deps.maxCameras, id);
            const [written] = await tx.insert(cameraTable).values(values).onConflictDoNothing().returning();
            if (!written) throw cameraExists(id);
            return written;
          }),
        );
        const camera = toRecord(row);
        if (!camera)
          throw new CamplaneError('internal', `The camera '${id}' was stored but cannot be read back`);
        return tellChanged(camera);
      }),
    replace: (id, input) =>
      change(id, (row) => {
        const next = splitInput(input);
        if (input.source.credentials !== undefined || row.credentials === null) return next;
        if (!mayKeepCredentials(row, input)) throw refuseOtherHost();
        return { spec: next.spec };
      }),
    requestStart: (id) => change(id, (row) => ({ spec: withEnabled(row, true), startRequestedAt: now() })),
    requestStop: (id) => change(id, (row) => ({ spec: withEnabled(row, false) })),
    remove: (id) =>
      inTurn(async () => {
        const removed = await store.use((db) =>
          db.delete(cameraTable).where(eq(cameraTable.id, id)).returning({ id: cameraTable.id }),
        );
        tellRemoved(id);
        if (removed.length === 0) throw cameraNotFound(id);
      }),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    resync: () =>
      inTurn(async () => {
        const cameras = await readAll();
        const present = new Set(cameras.map((camera) => camera.id));
        for (const id of [...told.keys()]) if (!present.has(id)) tellRemoved(id);
        for (const camera of cameras) tellChanged(camera);
      }),
  };
}

/** A body as the columns that keep it: credentials apart from the rest. */
function splitInput(input: CameraInput): Pick<CameraRow, 'spec' | 'credentials'> {
  const { credentials, ...source } = input.source;
  return { spec: { ...input, source }, credentials: credentials ?? null };
}

function withEnabled(row: CameraRow, enabled: boolean): unknown {
  // A row that cannot be read stays as it is: `change` then says that it is not valid.
  const spec = storedSpecSchema.safeParse(row.spec);
  return spec.success ? { ...spec.data, enabled } : row.spec;
}

function mayKeepCredentials(row: CameraRow, input: CameraInput): boolean {
  if (!credentialsSchema.safeParse(row.credentials).success) return true;
  const stored = storedSpecSchema.safeParse(row.spec);
  return stored.success && mayReuseCredentials(stored.data.source, input.source);
}

async function refuseAtLimit(
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
