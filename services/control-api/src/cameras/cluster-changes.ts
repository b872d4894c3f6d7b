import type { CameraConfig } from '@camplane/contracts/camera';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import type { CameraListener } from './registry.ts';
import { parseCameraResource } from './resource-record.ts';

const removalsRememberedMax = 1000;

type Log = { error(fields: object, message: string): void };

/**
 * What of the cluster's cameras listeners were told. What was just written here is told at once, and comes again,
 * later, by the watch, behind older news: nobody is told an older state after a newer one.
 */
export type ClusterChanges = {
  /** A camera as the cluster gave it, in answer to a write or by the watch. */
  saw(object: KubernetesObject, from: 'write' | 'watch'): void;
  /** The watch knows no camera of this name any more. */
  vanished(name: string): void;
  /** The cluster removed this camera for us, or says that there is none. */
  removed(name: string, uid: string | undefined): void;
  /** Cameras that were written here and that the watch has not shown yet. */
  unconfirmed(): { name: string; uid: string | undefined }[];
  subscribe(listener: CameraListener): () => void;
};

type Entry = {
  uid: string | undefined;
  version: string;
  isWatched: boolean;
  /** Null: it is not valid, and nobody was told of it. */
  camera: CameraConfig | null;
};

export function createClusterChanges(log: Log): ClusterChanges {
  const listeners = new Set<CameraListener>();
  const entries = new Map<string, Entry>();
  /** By name, what was removed: the watch may still show it for a while. */
  const removals = new LRUCache<string, string>({ max: removalsRememberedMax });
  const reported = new Map<string, string>();

  const tell = (change: Parameters<CameraListener>[0]): void => {
    for (const listener of listeners) {
      try {
        listener(change);
      } catch (error) {
        log.error({ err: error }, 'a listener to camera changes failed');
      }
    }
  };

  const forget = (name: string): void => {
    const entry = entries.get(name);
    entries.delete(name);
    reported.delete(name);
    if (entry?.camera) tell({ type: 'removed', id: name });
  };

  /** Once a version of the specification: its status changes more often. */
  const report = (object: KubernetesObject, fields: string[]): void => {
    const { name, uid, generation } = object.metadata;
    const version = `${uid}/${generation}`;
    if (reported.get(name) === version) return;
    reported.set(name, version);
    log.error({ cameraId: name, fields }, 'a Camera of the cluster is not valid: left out');
  };

  const read = (object: KubernetesObject): CameraConfig | null => {
    const parsed = parseCameraResource(object);
    if (!parsed.ok) {
      report(object, parsed.fields);
      return null;
    }
    const { createdAt: _created, updatedAt: _updated, ...config } = parsed.record;
    return { ...config, credentials: null };
  };

  return {
    saw: (object, from) => {
      const { name, uid, resourceVersion = '' } = object.metadata;
      if (uid !== undefined && removals.peek(name) === uid) return;
      let entry = entries.get(name);
      if (entry && !isNewer(resourceVersion, entry.version)) {
        if (from === 'watch' && entry.uid === uid) entry.isWatched = true;
        return;
      }
      if (entry && entry.uid !== uid) {
        // Deleted and made again: another camera of the same name.
        forget(name);
        entry = undefined;
      }
      const isWatched = from === 'watch' || (entry?.isWatched ?? false);
      const camera = read(object);
      entries.set(name, { uid, version: resourceVersion, isWatched, camera });
      if (isDeepStrictEqual(entry?.camera ?? null, camera)) return;
      tell(camera ? { type: 'changed', camera } : { type: 'removed', id: name });
    },
    vanished: (name) => {
      removals.delete(name);
      // One that the watch has never shown is not the one that it lost.
      if (entries.get(name)?.isWatched === true) forget(name);
    },
    removed: (name, uid) => {
      if (uid !== undefined) {
        removals.set(name, uid);
      }
      if (entries.get(name)?.uid === uid) forget(name);
    },
    unconfirmed: () =>
      [...entries].flatMap(([name, { uid, isWatched }]) => (isWatched ? [] : [{ name, uid }])),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/**
 * Versions of one kind of resource grow (Kubernetes enhancement 5504, "Comparable Resource Version"); of such as are
 * no numbers nothing is known, and the later told counts.
 */
function isNewer(version: string, known: string): boolean {
  const isNumber = /^\d+$/;
  if (!isNumber.test(version) || !isNumber.test(known)) return version !== known;
  return BigInt(version) > BigInt(known);
}
