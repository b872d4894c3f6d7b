import type { Clock, WallClock } from '@camplane/runtime/clock';
import type { Logger } from '@camplane/service-kit/logging';
import type { Metrics } from '@camplane/service-kit/metrics';
import type { FileHandle } from 'node:fs/promises';
import { createPictureFolder } from './picture-folder.ts';
import { dayOf, parsePicturePath, pathOf, placeOf } from './picture-path.ts';
import { removeDaysBefore, removeOldest } from './picture-retention.ts';
import { createStorageState } from './storage-state.ts';

const dayMs = 24 * 3600_000;
/** What is made free beyond what is needed, so that the oldest are not looked for at every write. */
const headroom = 0.05;
/** Made free at once when the disk is full. */
const emergencyBytes = 8 * 1024 * 1024;
/** After nothing could be made free, how long until it is tried again. */
const emergencyPauseMs = 10_000;
const recountIntervalMs = 3600_000;
const unfinishedAfterMs = 10 * 60_000;

export type PictureStoreConfig = {
  /** Made when it is first needed. Several processes may share it. */
  folder: string;
  retentionDays: number;
  maxBytes: number;
};

/** What became of a picture: label of its metric. */
type Outcome = 'kept' | 'expired' | 'invalid' | 'disk-full' | 'failed';

/** The pictures of detections, on disk, within their days and bytes. */
export type PictureStore = {
  /**
   * Writes a frame's picture. A picture that cannot be kept is counted, and its detections are stored without it.
   *
   * @returns its path for {@link PictureStore.open}; null where it is not kept. Never throws.
   */
  keep(
    frame: { cameraId: string; capturedAt: Date; sequence: number },
    jpeg: Uint8Array,
  ): Promise<string | null>;
  /** @returns undefined where the path is none of ours or the picture has gone. The handle is the caller's. */
  open(path: string): Promise<{ handle: FileHandle; bytes: number } | undefined>;
  has(path: string): Promise<boolean>;
  /** Removes what is too old or too much; counts what is there at first, and once an hour. Never throws. */
  sweep(): Promise<void>;
  stop(): Promise<void>;
};

export function createPictureStore(
  config: PictureStoreConfig,
  deps: {
    log: Pick<Logger, 'info' | 'warn'>;
    metrics: Metrics;
    clock: Pick<Clock, 'now'>;
    wallClock: WallClock;
  },
): PictureStore {
  const { clock, wallClock, log } = deps;
  const folder = createPictureFolder(config.folder);
  const { kept, removed } = declareMetrics(deps.metrics, () => totalBytes);
  const state = createStorageState(deps);
  const stopping = new AbortController();
  /** Known once all have been counted. */
  let totalBytes: number | undefined;
  let countedAtMs = -Infinity;
  let writtenWhileCounting = 0;
  let counting = new AbortController();
  let sweeping: Promise<void> | undefined;
  let reclaiming: Promise<number> | undefined;
  let emergencyNotBeforeMs = -Infinity;

  const firstDayKept = (): string => dayOf(wallClock.epochMs() - config.retentionDays * dayMs);

  const onRemoved = (reason: 'days' | 'bytes' | 'disk-full') => (bytes: number) => {
    removed.inc({ reason });
    if (totalBytes !== undefined) totalBytes = Math.max(0, totalBytes - bytes);
  };

  /** One at a time; whoever asks meanwhile shares its result. */
  const reclaim = (bytesWanted: number, reason: 'bytes' | 'disk-full'): Promise<number> => {
    // What is counted while pictures go is not what is there: the next sweep counts anew.
    counting.abort();
    return (reclaiming ??= removeOldest(folder, bytesWanted, {
      signal: stopping.signal,
      onRemoved: onRemoved(reason),
    }).finally(() => (reclaiming = undefined)));
  };

  /** Again while there is too much: pictures are written while others go, and a shared run frees what was too much then. */
  const reclaimExcess = async (): Promise<void> => {
    while (totalBytes !== undefined && totalBytes > config.maxBytes && !stopping.signal.aborted) {
      const freed = await reclaim(totalBytes - config.maxBytes * (1 - headroom), 'bytes');
      if (freed === 0) return;
    }
  };

  const count = async (): Promise<void> => {
    // Of the files' own clock: what is written from here on is added as it is written.
    const startedAtMs = wallClock.epochMs();
    counting = new AbortController();
    const { signal } = counting;
    writtenWhileCounting = 0;
    let sum = 0;
    for await (const day of folder.days()) {
      await folder.removeUnfinished(day, startedAtMs - unfinishedAfterMs);
      for await (const place of folder.pictures(day)) {
        if (signal.aborted || stopping.signal.aborted) return;
        sum += await folder.bytesOf(place, startedAtMs);
      }
    }
    totalBytes = sum + writtenWhileCounting;
    countedAtMs = clock.now();
  };

  const sweep = async (): Promise<void> => {
    try {
      await removeDaysBefore(folder, firstDayKept(), {
        signal: stopping.signal,
        onRemoved: onRemoved('days'),
      });
      if (clock.now() - countedAtMs >= recountIntervalMs) await count();
      await reclaimExcess();
    } catch (error) {
      log.warn({ err: error }, 'old pictures of detections could not be removed');
    }
  };

  const makeRoom = async (bytes: number): Promise<boolean> => {
    if (clock.now() < emergencyNotBeforeMs) return false;
    const freed = await reclaim(Math.max(emergencyBytes, 4 * bytes), 'disk-full').catch(() => 0);
    if (freed === 0) emergencyNotBeforeMs = clock.now() + emergencyPauseMs;
    return freed > 0;
  };

  const write = async (place: Parameters<typeof folder.write>[0], jpeg: Uint8Array): Promise<Outcome> => {
    for (let attempt = 1; ; attempt++) {
      try {
        await folder.write(place, jpeg);
        state.written();
        return 'kept';
      } catch (error) {
        if (!isFull(error)) {
          state.failed(error);
          return 'failed';
        }
        state.full();
        if (attempt > 1 || !(await makeRoom(jpeg.byteLength))) return 'disk-full';
      }
    }
  };

  return {
    keep: async (frame, jpeg) => {
      const place = placeOf(frame);
      const outcome = await outcomeOf();
      kept.inc({ outcome });
      return place && outcome === 'kept' ? pathOf(place) : null;

      async function outcomeOf(): Promise<Outcome> {
        if (!place || !isJpeg(jpeg)) return 'invalid';
        if (place.day < firstDayKept()) return 'expired';
        // Delivered before, or another detector's result for the same frame.
        if ((await folder.bytesOf(place)) === jpeg.byteLength) return 'kept';
        const outcome = await write(place, jpeg);
        if (outcome === 'kept') {
          writtenWhileCounting += jpeg.byteLength;
          if (totalBytes !== undefined) totalBytes += jpeg.byteLength;
          void reclaimExcess().catch((error: unknown) => state.failed(error));
        }
        return outcome;
      }
    },
    open: async (path) => {
      const place = parsePicturePath(path);
      return place && folder.open(place);
    },
    has: async (path) => {
      const place = parsePicturePath(path);
      return place !== undefined && (await folder.has(place));
    },
    sweep: () => (sweeping ??= sweep().finally(() => (sweeping = undefined))),
    stop: async () => {
      stopping.abort();
      await Promise.allSettled([sweeping, reclaiming]);
    },
  };
}

function declareMetrics(metrics: Metrics, totalBytes: () => number | undefined) {
  metrics.gauge({
    name: 'camplane_frame_storage_bytes',
    help: 'Bytes of kept pictures of detections, once counted',
    collect() {
      this.set(totalBytes() ?? 0);
    },
  });
  return {
    kept: metrics.counter({
      name: 'camplane_detection_pictures_total',
      help: 'Pictures of detections by what became of them: kept, expired (of before the retention), invalid, disk-full, failed',
      labelNames: ['outcome'],
    }),
    removed: metrics.counter({
      name: 'camplane_detection_pictures_removed_total',
      help: 'Pictures of detections that were removed, by reason: days, bytes, disk-full',
      labelNames: ['reason'],
    }),
  };
}

/** SOI and the first byte of the next marker (ITU-T T.81, section B.1.1.3). */
function isJpeg(bytes: Uint8Array): boolean {
  return bytes.byteLength > 3 && bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}
