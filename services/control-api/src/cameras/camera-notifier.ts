import { isDeepStrictEqual } from 'node:util';
import type { CameraListener, CameraRecord } from './registry.ts';

type Log = { error(fields: object, message: string): void };

/** Notifies listeners. One that throws is logged and does not affect the others. */
export type CameraListeners = {
  notify: CameraListener;
  subscribe(listener: CameraListener): () => void;
};

export function createCameraListeners(log: Log): CameraListeners {
  const listeners = new Set<CameraListener>();
  return {
    notify: (change) => {
      for (const listener of listeners) {
        try {
          listener(change);
        } catch (error) {
          log.error({ err: error }, 'camera change listener failed');
        }
      }
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Compares cameras with those of the last notification and notifies listeners of differences. */
export type CameraNotifier = Pick<CameraListeners, 'subscribe'> & {
  changed(camera: CameraRecord): void;
  removed(id: string): void;
  /** The complete set: cameras that are missing in it were removed. */
  replaced(cameras: readonly CameraRecord[]): void;
};

export function createCameraNotifier(log: Log): CameraNotifier {
  const { notify, subscribe } = createCameraListeners(log);
  const known = new Map<string, CameraRecord>();

  const changed = (camera: CameraRecord): void => {
    if (isDeepStrictEqual(known.get(camera.id), camera)) return;
    known.set(camera.id, camera);
    notify({ type: 'changed', camera, createdAt: camera.createdAt });
  };
  const removed = (id: string): void => {
    if (known.delete(id)) notify({ type: 'removed', id });
  };

  return {
    subscribe,
    changed,
    removed,
    replaced: (cameras) => {
      const present = new Set(cameras.map(({ id }) => id));
      for (const id of [...known.keys()]) if (!present.has(id)) removed(id);
      for (const camera of cameras) changed(camera);
    },
  };
}
