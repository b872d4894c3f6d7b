import type { CameraConfig } from '@camplane/contracts/camera';
import { parseMediaPath } from '@camplane/contracts/camera-id';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import { heartbeatIntervalMs } from '@camplane/contracts/topics';
import type { PathObservation } from '@camplane/mediamtx/path-observation';
import type { Logger } from '@camplane/service-kit/logging';
import type { CameraFeed } from '../camera-feed.ts';
import type { Reader } from '../stream/own-readers.ts';
import type { CameraRunner } from './camera-runner.ts';
import { followFeed } from './follow-feed.ts';
import { createRunnerSlot } from './runner-slot.ts';
import type { RunnerSlot } from './runner-slot.ts';

/** Every camera of this process, kept equal to the feed. */
export type CameraFleet = {
  run(signal: AbortSignal): Promise<void>;
  get(id: string): CameraRunner | undefined;
  /** Whether a MediaMTX path belongs to a camera of this process. */
  knowsPath(path: string): boolean;
  readerArrived(path: string, reader: Reader): void;
  observe(paths: ReadonlyMap<string, PathObservation>): void;
  statuses(): CameraStatus[];
  stop(): Promise<void>;
};

export function createCameraFleet(options: {
  feed: CameraFeed;
  create(camera: CameraConfig): CameraRunner;
  log: Logger;
}): CameraFleet {
  const { feed, log } = options;
  const slots = new Map<string, RunnerSlot<CameraConfig, CameraRunner>>();
  let stopped = false;

  const target = {
    ids: () => [...slots.keys()],
    apply(camera: CameraConfig) {
      if (stopped) return;
      const slot = slots.get(camera.id) ?? addSlot(camera.id);
      // Compared as a whole: a changed Secret leaves the camera's generation unchanged.
      if (JSON.stringify(slot.config) !== JSON.stringify(camera)) slot.set(camera);
      dropIfEmpty(camera.id);
    },
    remove: (id: string) => slots.get(id)?.set(null),
  };

  function addSlot(id: string): RunnerSlot<CameraConfig, CameraRunner> {
    const slot = createRunnerSlot<CameraConfig, CameraRunner>({
      create: options.create,
      onEnded: () => dropIfEmpty(id),
      // One camera that cannot start must not keep the others from running.
      onError: (error, action) => log.error({ camera: id, err: error }, `${action} the camera failed`),
    });
    slots.set(id, slot);
    return slot;
  }

  function dropIfEmpty(id: string): void {
    const slot = slots.get(id);
    if (slot?.config === null && !slot.isEnding) slots.delete(id);
  }

  function runners(): CameraRunner[] {
    return [...slots.values()].flatMap(({ runner }) => runner ?? []);
  }

  function runnerOf(id: string): CameraRunner | undefined {
    return slots.get(id)?.runner ?? undefined;
  }

  return {
    async run(signal) {
      const heartbeat = setInterval(() => {
        for (const runner of runners()) runner.heartbeat();
      }, heartbeatIntervalMs);
      try {
        await followFeed({ feed, target, log }, signal);
      } finally {
        clearInterval(heartbeat);
      }
    },
    get: runnerOf,
    knowsPath(path) {
      const parsed = parseMediaPath(path);
      return parsed !== undefined && runnerOf(parsed.cameraId) !== undefined;
    },
    readerArrived(path, reader) {
      const parsed = parseMediaPath(path);
      if (parsed) runnerOf(parsed.cameraId)?.readerArrived(parsed.quality, reader);
    },
    observe(paths) {
      for (const runner of runners()) runner.observe(paths);
    },
    statuses: () => runners().map((runner) => runner.status()),
    async stop() {
      stopped = true;
      await Promise.all([...slots.values()].map((slot) => slot.close()));
    },
  };
}
