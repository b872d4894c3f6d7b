import type { Clock, WallClock } from '@camplane/runtime/clock';
import type { Logger } from '@camplane/service-kit/logging';
import type { Metrics } from '@camplane/service-kit/metrics';
import type { FileHandle } from 'node:fs/promises';
import { createDiskSpace } from './disk-space.ts';
import { createImageFolder } from './image-folder.ts';
import { dayOf, locateImage, parseImagePath, pathOf } from './image-path.ts';
import type { ImageLocation } from './image-path.ts';
import { removeDaysBefore } from './image-retention.ts';
import { createStorageState } from './storage-state.ts';
import { createStorageUsage } from './storage-usage.ts';

const dayMs = 24 * 3600_000;

export type ImageStoreConfig = {
  /** Created on the first write. Several processes may share it. */
  folder: string;
  retentionDays: number;
  maxBytes: number;
};

/** Label values of the metric of writes. */
type Outcome = 'kept' | 'expired' | 'invalid' | 'disk-full' | 'failed';

/** JPEG files of detections, limited by age and total size. */
export type ImageStore = {
  /**
   * Writes the image of a frame. If that fails it is counted, and the detections are stored without an image.
   *
   * @returns its path for {@link ImageStore.open}, or null if it was not written. Never throws.
   */
  keep(
    frame: { cameraId: string; capturedAt: Date; sequence: number },
    jpeg: Uint8Array,
  ): Promise<string | null>;
  /** @returns undefined if the path is invalid or the image was deleted. The caller closes the handle. */
  open(path: string): Promise<{ handle: FileHandle; bytes: number } | undefined>;
  has(path: string): Promise<boolean>;
  /** Removes images beyond the limits. Counts the existing ones at first and then hourly. Never throws. */
  sweep(): Promise<void>;
  stop(): Promise<void>;
};

export function createImageStore(
  config: ImageStoreConfig,
  deps: {
    log: Pick<Logger, 'info' | 'warn'>;
    metrics: Metrics;
    clock: Pick<Clock, 'now'>;
    wallClock: WallClock;
  },
): ImageStore {
  const { clock, wallClock, log } = deps;
  const stopping = new AbortController();
  const folder = createImageFolder(config.folder);
  const usage = createStorageUsage(folder, { clock, signal: stopping.signal });
  const { kept, removed } = declareMetrics(deps.metrics, usage.totalBytes);
  const state = createStorageState(deps);
  const onRemoved = (reason: 'days' | 'bytes' | 'disk-full') => (bytes: number) => {
    removed.inc({ reason });
    usage.removed(bytes);
  };
  const space = createDiskSpace(folder, {
    usage,
    maxBytes: config.maxBytes,
    clock,
    signal: stopping.signal,
    onRemoved,
  });
  let sweeping: Promise<void> | undefined;

  const firstDayKept = (): string => dayOf(wallClock.epochMs() - config.retentionDays * dayMs);

  const sweep = async (): Promise<void> => {
    try {
      await removeDaysBefore(folder, firstDayKept(), {
        signal: stopping.signal,
        onRemoved: onRemoved('days'),
      });
      await usage.recountIfDue();
      await space.removeExcess();
    } catch (error) {
      log.warn({ err: error }, 'failed to remove old images of detections, will retry');
    }
  };

  const write = async (location: ImageLocation, jpeg: Uint8Array): Promise<Outcome> => {
    for (let attempt = 1; ; attempt++) {
      try {
        await folder.write(location, jpeg);
        state.written();
        return 'kept';
      } catch (error) {
        if (!isDiskFull(error)) {
          state.failed(error);
          return 'failed';
        }
        state.full();
        if (attempt > 1 || !(await space.makeRoom(jpeg.byteLength))) return 'disk-full';
      }
    }
  };

  const writeOnce = async (location: ImageLocation | undefined, jpeg: Uint8Array): Promise<Outcome> => {
    if (!location || !isJpeg(jpeg)) return 'invalid';
    if (location.day < firstDayKept()) return 'expired';
    // Redelivered, or a result of another detector for the same frame.
    if ((await folder.bytesOf(location)) === jpeg.byteLength) return 'kept';
    const outcome = await write(location, jpeg);
    if (outcome === 'kept') {
      usage.added(jpeg.byteLength);
      void space.removeExcess().catch((error: unknown) => state.failed(error));
    }
    return outcome;
  };

  return {
    keep: async (frame, jpeg) => {
      const location = locateImage(frame);
      const outcome = await writeOnce(location, jpeg);
      kept.inc({ outcome });
      return location && outcome === 'kept' ? pathOf(location) : null;
    },
    open: async (path) => {
      const location = parseImagePath(path);
      return location && folder.open(location);
    },
    has: async (path) => {
      const location = parseImagePath(path);
      return location !== undefined && (await folder.has(location));
    },
    sweep: () => (sweeping ??= sweep().finally(() => (sweeping = undefined))),
    stop: async () => {
      stopping.abort();
      await Promise.allSettled([sweeping, space.idle()]);
    },
  };
}

function declareMetrics(metrics: Metrics, totalBytes: () => number | undefined) {
  metrics.gauge({
    name: 'camplane_frame_storage_bytes',
    help: 'Total size of the stored images of detections; 0 until they are counted',
    collect() {
      this.set(totalBytes() ?? 0);
    },
  });
  return {
    kept: metrics.counter({
      name: 'camplane_detection_pictures_total',
      help: 'Images of detections by outcome: kept, expired (older than the retention), invalid, disk-full, failed',
      labelNames: ['outcome'],
    }),
    removed: metrics.counter({
      name: 'camplane_detection_pictures_removed_total',
      help: 'Deleted images of detections by reason: days, bytes, disk-full',
      labelNames: ['reason'],
    }),
  };
}

/** SOI and the first byte of the next marker (ITU-T T.81, section B.1.1.3). */
function isJpeg(bytes: Uint8Array): boolean {
  return bytes.byteLength > 3 && bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

function isDiskFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}
