import { cameraResourceStatusSchema } from '@camplane/contracts/camera-resource';
import type { CameraResourceStatus } from '@camplane/contracts/camera-resource';
import { startRequestedAnnotation } from '@camplane/contracts/camera-workload';
import { createResourceCache } from '@camplane/kubernetes/create-resource-cache';
import type { KubernetesApi } from '@camplane/kubernetes/kubernetes-api';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { monotonicClock } from '@camplane/runtime/clock';
import { storedInvalid } from './camera-refusals.ts';
import { createCameraWrites } from './camera-writes.ts';
import { createClusterChanges } from './cluster-changes.ts';
import { toRegistryError } from './cluster-error.ts';
import { createCredentialsSecrets } from './credentials-secrets.ts';
import { createOneAtATime } from './one-at-a-time.ts';
import type { CameraRecord, CameraRegistry } from './registry.ts';
import { parseCameraResource } from './resource-record.ts';

const changesMaxWaiting = 100;
/** Secrets read concurrently for a list of cameras. The role allows no list of Secrets. */
const secretsAtOnce = 10;
const type = resourceTypes.camera;

type Log = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

/** The registry that keeps cameras as `Camera` resources, with credentials in Secrets. */
export type ClusterRegistry = CameraRegistry & {
  /** Watches the cameras until the signal is aborted, and notifies listeners of changes by others. */
  run(signal: AbortSignal): Promise<void>;
  /** Why the cameras are not listed yet; undefined once they are. */
  notReady(): string | undefined;
  /** Checks cameras that were written here and that the watch has not reported. */
  resync(): Promise<void>;
  /** The status that the operator last wrote. */
  observed(id: string): CameraResourceStatus | undefined;
  /** Notifies of a changed status. @returns unsubscribes */
  onObserved(listener: (id: string) => void): () => void;
};

export function createClusterRegistry(deps: {
  api: KubernetesApi;
  namespace: string;
  maxCameras: number;
  now: () => Date;
  log: Log;
}): ClusterRegistry {
  const { api, namespace, maxCameras, now, log } = deps;
  const secrets = createCredentialsSecrets({ api, namespace });
  const writes = createCameraWrites({ api, secrets, namespace, maxCameras });
  const changes = createClusterChanges(log);
  const cache = createResourceCache({ api, type, namespace, log, clock: monotonicClock });
  const statuses = createStatusReader((id) => cache.get(id));
  const serialize = createOneAtATime(changesMaxWaiting);

  cache.subscribe((name) => {
    const object = cache.get(name);
    if (object) changes.received(object, 'watch');
    else changes.missing(name);
    statuses.changed(name);
  });

  const withRegistryErrors = async <T>(request: Promise<T>): Promise<T> => {
    try {
      return await request;
    } catch (error) {
      throw toRegistryError(error);
    }
  };

  /** A camera with its credentials; undefined if it is invalid. */
  const toRecord = async (object: KubernetesObject): Promise<CameraRecord | undefined> => {
    const parsed = parseCameraResource(object);
    if (!parsed.ok) return undefined;
    const credentials =
      parsed.secretName === null ? null : await secrets.read(parsed.secretName, object.metadata.uid ?? '');
    return { ...parsed.record, credentials };
  };

  /** A write. Listeners are notified before the caller. */
  const write = (request: () => Promise<KubernetesObject>): Promise<CameraRecord> =>
    serialize(() =>
      withRegistryErrors(
        (async () => {
          const object = await request();
          changes.received(object, 'write');
          const record = await toRecord(object);
          if (!record) throw storedInvalid(object.metadata.name);
          return record;
        })(),
      ),
    );

  const requireValid = (object: KubernetesObject): void => {
    if (!parseCameraResource(object).ok) throw storedInvalid(object.metadata.name);
  };

  return {
    // Both read from the API server, not from the watch, so that every replica sees the writes of the others.
    list: () => withRegistryErrors(listAll()),
    get: (id) =>
      withRegistryErrors(
        (async () => {
          const object = await api.get(type, { namespace, name: id });
          return object && (await toRecord(object));
        })(),
      ),
    create: (input) => write(() => writes.create(input)),
    replace: (id, update) =>
      write(() =>
        writes.replace(id, async (stored) =>
          typeof update === 'function' ? update(await toRecord(stored)) : update,
        ),
      ),
    requestStart: (id) =>
      write(() => {
        const annotations = { [startRequestedAnnotation]: now().toISOString() };
        return writes.change(id, { metadata: { annotations }, spec: { enabled: true } }, requireValid);
      }),
    requestStop: (id, check) =>
      write(() =>
        writes.change(id, { spec: { enabled: false } }, async (stored) => {
          requireValid(stored);
          check?.(await toRecord(stored));
        }),
      ),
    remove: (id) =>
      serialize(() =>
        withRegistryErrors(
          (async () => {
            changes.removed(id, await writes.remove(id));
          })(),
        ),
      ),
    subscribe: (listener) => changes.subscribe(listener),
    run: (signal) => cache.run(signal),
    notReady: () => (cache.synced ? undefined : `cameras: ${cache.staleReason ?? 'not listed yet'}`),
    resync: async () => {
      for (const { name, uid } of changes.unconfirmed()) {
        const object = await withRegistryErrors(api.get(type, { namespace, name }));
        if (object?.metadata.uid !== uid) changes.removed(name, uid);
      }
    },
    observed: (id) => statuses.of(id),
    onObserved: (listener) => statuses.subscribe(listener),
  };

  async function listAll(): Promise<CameraRecord[]> {
    const { items } = await api.list(type, { namespace });
    const records: CameraRecord[] = [];
    for (let index = 0; index < items.length; index += secretsAtOnce) {
      const some = await Promise.all(items.slice(index, index + secretsAtOnce).map(toRecord));
      records.push(...some.filter((record) => record !== undefined));
    }
    return records;
  }
}

/** The status of the cameras in a cache, parsed once for each version. */
function createStatusReader(get: (id: string) => KubernetesObject | undefined) {
  const parsed = new WeakMap<KubernetesObject, CameraResourceStatus | undefined>();
  const listeners = new Set<(id: string) => void>();
  return {
    of: (id: string): CameraResourceStatus | undefined => {
      const object = get(id) as (KubernetesObject & { status?: unknown }) | undefined;
      if (!object) return undefined;
      if (!parsed.has(object)) parsed.set(object, cameraResourceStatusSchema.safeParse(object.status).data);
      return parsed.get(object);
    },
    changed: (id: string): void => listeners.forEach((listener) => listener(id)),
    subscribe: (listener: (id: string) => void): (() => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
