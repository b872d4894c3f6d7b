import type { CameraInput } from '@camplane/contracts/camera';
import { credentialsSchema } from '@camplane/contracts/camera';
import { cameraLabelsSchema } from '@camplane/contracts/camera-labels';
import type { CameraLabels } from '@camplane/contracts/camera-labels';
import type { CameraRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { cameraNotFound } from './camera-not-found.ts';
import { createCameraNotifier } from './camera-notifier.ts';
import { credentialsForOtherHost, storedInvalid } from './camera-refusals.ts';
import { parseCameraRow, storedSpecSchema } from './camera-row.ts';
import { createCameraTable } from './camera-table.ts';
import { mayReuseCredentials } from './credentials-scope.ts';
import { createOneAtATime } from './one-at-a-time.ts';
import type { CameraRecord, CameraRegistry } from './registry.ts';

const changesMaxWaiting = 100;

type RegistryLog = { error(fields: object, message: string): void };

/** The registry that keeps cameras in the database. */
export type DatabaseRegistry = CameraRegistry & {
  /** Reads all cameras and notifies listeners of changes by other processes. */
  resync(): Promise<void>;
};

export function createDatabaseRegistry(deps: {
  store: Pick<Store, 'use'>;
  maxCameras: number;
  now: () => Date;
  log: RegistryLog;
}): DatabaseRegistry {
  const { now, log } = deps;
  const table = createCameraTable(deps);
  const notifier = createCameraNotifier(log);
  const toRecord = createRowReader(log);
  // Changes and resyncs are serialized: a list read before a change must not be compared after it.
  const serialize = createOneAtATime(changesMaxWaiting);

  const readAll = async (): Promise<CameraRecord[]> =>
    (await table.list()).flatMap((row) => toRecord(row) ?? []);

  const write = (request: () => Promise<CameraRow>): Promise<CameraRecord> =>
    serialize(async () => {
      const row = await request();
      const camera = toRecord(row);
      if (!camera) throw storedInvalid(row.id);
      notifier.changed(camera);
      return camera;
    });
  const change = (id: string, compute: (row: CameraRow) => Partial<CameraRow>): Promise<CameraRecord> =>
    write(() => table.update(id, compute));

  return {
    list: readAll,
    get: async (id) => {
      const row = await table.get(id);
      return row && toRecord(row);
    },
    create: ({ id, ...input }) => write(() => table.insert({ id, ...splitInput(input, {}) })),
    replace: (id, input) =>
      change(id, (row) => {
        const next = splitInput(input, labelsOf(row));
        if (input.source.credentials !== undefined || row.credentials === null) return next;
        if (!mayKeepCredentials(row, input)) throw credentialsForOtherHost();
        return { spec: next.spec };
      }),
    requestStart: (id) => change(id, (row) => ({ spec: withEnabled(row, true), startRequestedAt: now() })),
    requestStop: (id) => change(id, (row) => ({ spec: withEnabled(row, false) })),
    remove: (id) =>
      serialize(async () => {
        const isRemoved = await table.remove(id);
        notifier.removed(id);
        if (!isRemoved) throw cameraNotFound(id);
      }),
    subscribe: (listener) => notifier.subscribe(listener),
    resync: () => serialize(async () => notifier.replaced(await readAll())),
  };
}

/** Parses rows and logs an invalid one once for each version of it: the table is read every few seconds. */
function createRowReader(log: RegistryLog): (row: CameraRow) => CameraRecord | undefined {
  const reported = new Map<string, number>();
  return (row) => {
    const parsed = parseCameraRow(row);
    if (parsed.ok) {
      reported.delete(row.id);
      return parsed.camera;
    }
    if (reported.get(row.id) !== row.updatedAt.getTime()) {
      reported.set(row.id, row.updatedAt.getTime());
      log.error({ camera: parsed.id, fields: parsed.fields }, 'stored camera is invalid, ignoring it');
    }
    return undefined;
  };
}

/** The columns of a request body: credentials have their own. */
function splitInput(input: CameraInput, stored: CameraLabels): Pick<CameraRow, 'spec' | 'credentials'> {
  const { credentials, ...source } = input.source;
  const labels = input.labels ?? stored;
  return { spec: { ...input, labels, source }, credentials: credentials ?? null };
}

/** None if the row is invalid. */
function labelsOf(row: CameraRow): CameraLabels {
  const labels = typeof row.spec === 'object' && row.spec !== null && 'labels' in row.spec && row.spec.labels;
  return cameraLabelsSchema.safeParse(labels).data ?? {};
}

/** An invalid row is unchanged; `write` then refuses it. */
function withEnabled(row: CameraRow, enabled: boolean): unknown {
  const spec = storedSpecSchema.safeParse(row.spec);
  return spec.success ? { ...spec.data, enabled } : row.spec;
}

function mayKeepCredentials(row: CameraRow, input: CameraInput): boolean {
  if (!credentialsSchema.safeParse(row.credentials).success) return true;
  const stored = storedSpecSchema.safeParse(row.spec);
  return stored.success && mayReuseCredentials(stored.data.source, input.source);
}
