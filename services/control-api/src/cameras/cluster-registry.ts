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
/** Secrets that are read at once for a list of cameras: they can only be had one by one (see the role). */
const secretsAtOnce = 10;
const type = resourceTypes.camera;

type Log = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

/** The registry on `Camera` resources of a namespace, and Secrets. */
export type ClusterRegistry = CameraRegistry & {
  /** Follows the cameras until the signal: listeners hear of what others change. */
  run(signal: AbortSignal): Promise<void>;
  /** Undefined once all cameras have been seen, else why they have not. */
  notReady(): string | undefined;
  /** Looks after cameras that were written here and that the watch has not shown. */
  resync(): Promise<void>;
  /** What the operator last said of a camera. */
  observed(id: string): CameraResourceStatus | undefined;
  /** Hears the id of a camera of which the operator said something new. Returns the unsubscription. */
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
  const inTurn = createOneAtATime(changesMaxWaiting);

  cache.subscribe((name) => {
    const object = cache.get(name);
    if (object) changes.saw(object, 'watch');
    else changes.vanished(name);
    statuses.changed(name);
  });

  const inWords = async <T>(request: Promise<T>): Promise<T> => {
    try {
      return await request;
    } catch (error) {
      throw toRegistryError(error);
    }
  };

  /** A camera with its credentials; undefined for one that is not valid. */
  const toRecord = async (object: KubernetesObject): Promise<CameraRecord | undefined> => {
    const parsed = parseCameraResource(object);
    if (!parsed.ok) return undefined;
    const credentials = parsed.secretName === null ? null : await secrets.read(parsed.secretName);
    return { ...parsed.record, credentials };
  };

  /** A write, whose outcome is told before it is answered. */
  const write = (request: () => Promise<KubernetesObject>): Promise<CameraRecord> =>
    inTurn(() =>
      inWords(
        (async () => {
          const object = await request();
          changes.saw(object, 'write');
          const record = await toRecord(object);
          if (!record) throw storedInvalid(object.metadata.name);
          return record;
        })(),
      ),
    );

  const refuseInvalid = (object: KubernetesObject): void => {
    if (!parseCameraResource(object).ok) throw storedInvalid(object.metadata.name);
  };

  return {
    // Both ask the cluster, not what was seen of it: what one replica wrote, the next one reads.
    list: () => inWords(listAll()),
    get: (id) =>
      inWords(
        (async () => {
          const object = await api.get(type, { namespace, name: id });
          return object && (await toRecord(object));
        })(),
      ),
    create: (input) => write(() => writes.create(input)),
    replace: (id, input) => write(() => writes.replace(id, input)),
    requestStart: (id) =>
      write(() => {
        const annotations = { [startRequestedAnnotation]: now().toISOString() };
        return writes.change(id, { metadata: { annotations }, spec: { enabled: true } }, refuseInvalid);
      }),
    requestStop: (id) => write(() => writes.change(id, { spec: { enabled: false } }, refuseInvalid)),
    remove: (id) =>
      inTurn(() =>
        inWords(
          (async () => {
            changes.removed(id, await writes.remove(id));
          })(),
        ),
      ),
    subscribe: (listener) => changes.subscribe(listener),
    run: (signal) => cache.run(signal),
    notReady: () =>
      cache.synced ? undefined : `the cluster's cameras: ${cache.trouble ?? 'not listed yet'}`,
    resync: async () => {
      for (const { name, uid } of changes.unconfirmed()) {
        const object = await inWords(api.get(type, { namespace, name }));
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

/** The operator's part of the cameras that a cache holds, parsed once a version. */
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
