import { setTimeout as delay } from 'node:timers/promises';
import type { CameraConfig } from '@camplane/contracts/camera';
import { parseMediaPath } from '@camplane/contracts/camera-id';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import { heartbeatIntervalMs } from '@camplane/contracts/topics';
import type { PathObservation } from '@camplane/mediamtx/path-keeper';
import { raceAbort } from '@camplane/runtime/abort';
import type { Logger } from '@camplane/service-kit/logging';
import type { CameraFeed } from '../camera-feed.ts';
import type { Reader } from '../stream/own-readers.ts';
import type { CameraRunner } from './camera-runner.ts';

/** Every camera of this process, kept equal to the feed: what is new is started, what is gone is stopped. */
export type CameraFleet = {
  run(signal: AbortSignal): Promise<void>;
  get(id: string): CameraRunner | undefined;
  /** Whether a MediaMTX path is that of a camera here. */
  knowsPath(path: string): boolean;
  readerArrived(path: string, reader: Reader): void;
  observe(paths: ReadonlyMap<string, PathObservation>): void;
  statuses(): CameraStatus[];
  stop(): Promise<void>;
};

/** A missed change is found by looking again: the feed's list is the truth. */
const resyncIntervalMs = 30_000;
/** After a list that could not be read: no camera runs before the first one. */
const retryIntervalMs = 1000;
const listAttempts = 3;

export function createCameraFleet(options: {
  feed: CameraFeed;
  create(camera: CameraConfig): CameraRunner;
  log: Logger;
}): CameraFleet {
  const { feed, log } = options;
  const runners = new Map<string, CameraRunner>();
  /** Cameras being stopped: one of the same id waits for its predecessor, so that a source is never opened twice. */
  const endings = new Map<string, Promise<void>>();
  const configurations = new Map<string, CameraConfig>();
  /** Changes heard of, ever. */
  let changes = 0;
  let stopped = false;

  function applyCamera(camera: CameraConfig): void {
    if (stopped) return;
    const known = configurations.get(camera.id);
    // Compared as a whole: a Secret that changes leaves the generation of its camera as it is.
    if (known && JSON.stringify(known) === JSON.stringify(camera)) return;
    configurations.set(camera.id, camera);
    const runner = runners.get(camera.id);
    if (runner) {
      runner.apply(camera);
      return;
    }
    const ending = endings.get(camera.id);
    if (ending) {
      // Whatever is wanted when the predecessor has ended, not what was wanted when this was called.
      void ending.then(() => {
        const latest = configurations.get(camera.id);
        if (latest && !runners.has(camera.id)) startRunner(latest);
      });
      return;
    }
    startRunner(camera);
  }

  function startRunner(camera: CameraConfig): void {
    if (stopped) return;
    try {
      runners.set(camera.id, options.create(camera));
    } catch (error) {
      // One camera that cannot be made must not keep the others from running.
      configurations.delete(camera.id);
      log.error({ camera: camera.id, err: error }, 'the camera could not be set up');
    }
  }

  function removeCamera(id: string): void {
    configurations.delete(id);
    const runner = runners.get(id);
    if (!runner) return;
    runners.delete(id);
    const ending = runner
      .stop()
      .catch((error: unknown) => log.error({ camera: id, err: error }, 'the camera could not be stopped'))
      .then(() => {
        endings.delete(id);
      });
    endings.set(id, ending);
  }

  /** A list that was overtaken by a change is old news: it is read again; false if that happened each time. */
  async function resync(): Promise<boolean> {
    for (let attempt = 0; attempt < listAttempts; attempt += 1) {
      const before = changes;
      const cameras = await feed.list();
      if (changes !== before) continue;
      const ids = new Set(cameras.map((camera) => camera.id));
      for (const id of runners.keys()) if (!ids.has(id)) removeCamera(id);
      for (const camera of cameras) applyCamera(camera);
      return true;
    }
    return false;
  }

  async function resyncSafely(): Promise<boolean> {
    try {
      return await resync();
    } catch (error) {
      log.warn({ err: error }, 'the list of cameras could not be read');
      return false;
    }
  }

  return {
    async run(signal) {
      const unsubscribe = feed.subscribe((change) => {
        changes += 1;
        if (change.type === 'changed') applyCamera(change.camera);
        else removeCamera(change.id);
      });
      const heartbeat = setInterval(() => {
        for (const runner of runners.values()) runner.heartbeat();
      }, heartbeatIntervalMs);
      try {
        while (!signal.aborted) {
          const isCurrent = await raceAbort(resyncSafely(), signal).catch(() => undefined);
          const waitMs = isCurrent === true ? resyncIntervalMs : retryIntervalMs;
          await delay(waitMs, undefined, { signal }).catch(() => undefined);
        }
      } finally {
        unsubscribe();
        clearInterval(heartbeat);
      }
    },
    get: (id) => runners.get(id),
    knowsPath(path) {
      const parsed = parseMediaPath(path);
      return parsed !== undefined && runners.has(parsed.cameraId);
    },
    readerArrived(path, reader) {
      const parsed = parseMediaPath(path);
      if (parsed) runners.get(parsed.cameraId)?.readerArrived(parsed.quality, reader);
    },
    observe(paths) {
      for (const runner of runners.values()) runner.observe(paths);
    },
    statuses: () => [...runners.values()].map((runner) => runner.status()),
    async stop() {
      stopped = true;
      const ids = [...runners.keys()];
      for (const id of ids) removeCamera(id);
      await Promise.all(endings.values());
    },
  };
}
