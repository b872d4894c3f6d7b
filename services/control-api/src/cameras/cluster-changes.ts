import type { CameraConfig } from '@camplane/contracts/camera';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import { createCameraListeners } from './camera-notifier.ts';
import type { CameraListener } from './registry.ts';
import { parseCameraResource } from './resource-record.ts';

const removalsRememberedMax = 1000;

type Log = { error(fields: object, message: string): void };

/**
 * Notifies listeners of changes from two sources: the responses to writes of this process, and the watch, which reports
 * the same writes later and may first report older states. Listeners never get an older state after a newer one.
 */
export type ClusterChanges = {
  /** A camera in the response to a write or in a watch event. */
  received(object: KubernetesObject, from: 'write' | 'watch'): void;
  /** The watch no longer has a camera of this name. */
  missing(name: string): void;
  /** This process removed the camera, or the API server has none of this name. */
  removed(name: string, uid: string | undefined): void;
  /** Cameras that were written here and that the watch has not reported yet. */
  unconfirmed(): { name: string; uid: string | undefined }[];
  subscribe(listener: CameraListener): () => void;
};

type Entry = {
  uid: string | undefined;
  version: string;
  isWatched: boolean;
  /** Null: invalid, and listeners do not know it. */
  camera: CameraConfig | null;
};

export function createClusterChanges(log: Log): ClusterChanges {
  const { notify, subscribe } = createCameraListeners(log);
  const entries = new Map<string, Entry>();
  /** Uids of removed cameras by name: the watch may still report them for a while. */
  const removals = new LRUCache<string, string>({ max: removalsRememberedMax });
  const reported = new Map<string, string>();

  const forget = (name: string): void => {
    const entry = entries.get(name);
    entries.delete(name);
    reported.delete(name);
    if (entry?.camera) notify({ type: 'removed', id: name });
  };

  /** Logs once for each generation: the status changes more often. */
  const report = (object: KubernetesObject, fields: string[]): void => {
    const { name, uid, generation } = object.metadata;
    const version = `${uid}/${generation}`;
    if (reported.get(name) === version) return;
    reported.set(name, version);
    log.error({ camera: name, fields }, 'Camera resource is invalid, ignoring it');
  };

  const read = (object: KubernetesObject): { camera: CameraConfig | null; createdAt?: string } => {
    const parsed = parseCameraResource(object);
    if (!parsed.ok) {
      report(object, parsed.fields);
      return { camera: null };
    }
    const { createdAt, updatedAt: _updated, ...config } = parsed.record;
    return { camera: { ...config, credentials: null }, createdAt };
  };

  return {
    received: (object, from) => {
      const { name, uid, resourceVersion = '' } = object.metadata;
      if (uid !== undefined && removals.peek(name) === uid) return;
      let entry = entries.get(name);
      if (entry && !isNewer(resourceVersion, entry.version)) {
        if (from === 'watch' && entry.uid === uid) entry.isWatched = true;
        return;
      }
      if (entry && entry.uid !== uid) {
        // Deleted and recreated: another camera of the same name.
        forget(name);
        entry = undefined;
      }
      const isWatched = from === 'watch' || (entry?.isWatched ?? false);
      const { camera, ...created } = read(object);
      entries.set(name, { uid, version: resourceVersion, isWatched, camera });
      if (isDeepStrictEqual(entry?.camera ?? null, camera)) return;
      notify(camera ? { type: 'changed', camera, ...created } : { type: 'removed', id: name });
    },
    missing: (name) => {
      removals.delete(name);
      // The watch cannot have lost a camera that it never reported.
      if (entries.get(name)?.isWatched === true) forget(name);
    },
    removed: (name, uid) => {
      if (uid !== undefined) removals.set(name, uid);
      if (entries.get(name)?.uid === uid) forget(name);
    },
    unconfirmed: () =>
      [...entries].flatMap(([name, { uid, isWatched }]) => (isWatched ? [] : [{ name, uid }])),
    subscribe,
  };
}

/**
 * Resource versions of one kind increase (KEP-5504, "Comparable Resource Version"). If they are not numbers, the one
 * received later counts as newer.
 */
function isNewer(version: string, known: string): boolean {
  const isNumber = /^\d+$/;
  if (!isNumber.test(version) || !isNumber.test(known)) return version !== known;
  return BigInt(version) > BigInt(known);
}
