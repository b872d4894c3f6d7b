import type { CameraInput, Credentials } from '@camplane/contracts/camera';
import { cameraLabelsSchema } from '@camplane/contracts/camera-labels';
import type { CameraLabels } from '@camplane/contracts/camera-labels';
import { isDeepStrictEqual } from 'node:util';
import type { Opened } from '../credentials/envelope.ts';
import type { StoredCredentials } from '../credentials/stored-credentials.ts';
import type { CameraRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { cameraNotFound } from './camera-not-found.ts';
import { createCameraNotifier } from './camera-notifier.ts';
import { credentialsForOtherHost, storedInvalid } from './camera-refusals.ts';
import { parseCameraRow, storedSpecSchema } from './camera-row.ts';
import { createCameraTable } from './camera-table.ts';
import { mayReuseCredentials } from './credentials-scope.ts';
import { createOneAtATime } from './one-at-a-time.ts';
import { createCredentialsRenewal } from './renew-credentials.ts';
import type { CameraRecord, CameraRegistry } from './registry.ts';

const changesMaxWaiting = 100;

type RegistryLog = Record<'info' | 'warn' | 'error', (fields: object, message: string) => void>;

/** The registry that keeps cameras in the database. */
export type DatabaseRegistry = CameraRegistry & {
  /**
   * Reads all cameras and notifies listeners of changes by other processes. The first one encrypts credentials that are
   * plain or have an earlier key.
   */
  resync(): Promise<void>;
};

export function createDatabaseRegistry(deps: {
  store: Pick<Store, 'use'>;
  storedCredentials: StoredCredentials;
  maxCameras: number;
  now: () => Date;
  log: RegistryLog;
}): DatabaseRegistry {
  const { now, log, storedCredentials } = deps;
  const table = createCameraTable(deps);
  const notifier = createCameraNotifier(log);
  const toRecord = createRowReader(storedCredentials, log);
  const renewCredentials = createCredentialsRenewal({ ...deps, table });
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
    create: ({ id, ...input }) =>
      write(() => {
        const { spec, credentials } = splitInput(input, {});
        return table.insert({ id, spec, credentials: storedCredentials.seal(id, credentials) });
      }),
    replace: (id, update) =>
      change(id, (row) => {
        const input = typeof update === 'function' ? update(toRecord(row)) : update;
        const { spec, credentials } = splitInput(input, labelsOf(row));
        if (input.source.credentials === undefined && row.credentials !== null) {
          if (!mayKeepCredentials(row, input)) throw credentialsForOtherHost();
          return { spec };
        }
        // Encrypting twice yields two values, and a change restarts the stream.
        if (isSameAsStored(storedCredentials.open(id, row.credentials), credentials)) return { spec };
        return { spec, credentials: storedCredentials.seal(id, credentials) };
      }),
    requestStart: (id) => change(id, (row) => ({ spec: withEnabled(row, true), startRequestedAt: now() })),
    requestStop: (id, check) =>
      change(id, (row) => {
        check?.(toRecord(row));
        return { spec: withEnabled(row, false) };
      }),
    remove: (id) =>
      serialize(async () => {
        const isRemoved = await table.remove(id);
        notifier.removed(id);
        if (!isRemoved) throw cameraNotFound(id);
      }),
    subscribe: (listener) => notifier.subscribe(listener),
    resync: () =>
      serialize(async () => {
        await renewCredentials();
        notifier.replaced(await readAll());
      }),
  };
}

/** Parses rows and logs a problem once for each version of a row: the table is read every few seconds. */
function createRowReader(
  storedCredentials: StoredCredentials,
  log: RegistryLog,
): (row: CameraRow) => CameraRecord | undefined {
  const reported = new Map<string, number>();
  const reportOnce = (row: CameraRow, fields: object, message: string): void => {
    if (reported.get(row.id) === row.updatedAt.getTime()) return;
    reported.set(row.id, row.updatedAt.getTime());
    log.error({ camera: row.id, ...fields }, message);
  };
  return (row) => {
    const parsed = parseCameraRow(row, storedCredentials.open(row.id, row.credentials));
    if (!parsed.ok) {
      reportOnce(row, { fields: parsed.fields }, 'stored camera is invalid, ignoring it');
      return undefined;
    }
    const { credentialsProblem } = parsed.camera;
    if (credentialsProblem === undefined) reported.delete(row.id);
    else reportOnce(row, { reason: credentialsProblem }, 'camera has an unreadable password, not running it');
    return parsed.camera;
  };
}

/** The columns of a request body: credentials have their own. */
function splitInput(
  input: CameraInput,
  stored: CameraLabels,
): Pick<CameraRow, 'spec'> & { credentials: Credentials | null } {
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
  const stored = storedSpecSchema.safeParse(row.spec);
  return stored.success && mayReuseCredentials(stored.data.source, input.source);
}

function isSameAsStored(stored: Opened, credentials: Credentials | null): boolean {
  if (stored.kind === 'unreadable') return false;
  return isDeepStrictEqual(stored.kind === 'none' ? null : stored.credentials, credentials);
}
