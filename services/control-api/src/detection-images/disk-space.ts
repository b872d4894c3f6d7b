import type { Clock } from '@camplane/runtime/clock';
import type { ImageFolder } from './image-folder.ts';
import { removeOldest } from './image-retention.ts';
import type { StorageUsage } from './storage-usage.ts';

/** Share of the limit that is freed beyond the excess, so that not every write searches for the oldest images. */
const headroom = 0.05;
/** Minimum freed at once when the disk is full. */
const roomMinBytes = 8 * 1024 * 1024;
/** Pause after nothing could be freed. */
const retryDelayMs = 10_000;

/** Frees disk space by removing the oldest images. */
export type DiskSpace = {
  /** Removes images until their total size is below the limit. */
  removeExcess(): Promise<void>;
  /** Makes room for a file on a full disk. @returns whether anything was freed */
  makeRoom(bytes: number): Promise<boolean>;
  /** Resolves when no removal is in progress. */
  idle(): Promise<void>;
};

export function createDiskSpace(
  folder: ImageFolder,
  options: {
    usage: StorageUsage;
    maxBytes: number;
    clock: Pick<Clock, 'now'>;
    signal: AbortSignal;
    onRemoved(reason: 'bytes' | 'disk-full'): (bytes: number) => void;
  },
): DiskSpace {
  const { usage, maxBytes, clock, signal } = options;
  let removing: Promise<number> | undefined;
  let retryAtMs = -Infinity;

  /** One removal at a time; concurrent callers share its result. */
  const free = (bytes: number, reason: 'bytes' | 'disk-full'): Promise<number> => {
    usage.cancelCount();
    return (removing ??= removeOldest(folder, bytes, {
      signal,
      onRemoved: options.onRemoved(reason),
    }).finally(() => (removing = undefined)));
  };

  return {
    removeExcess: async () => {
      // Repeated, because images are written meanwhile and a shared removal frees only the excess at its start.
      for (;;) {
        const totalBytes = usage.totalBytes();
        if (totalBytes === undefined || totalBytes <= maxBytes || signal.aborted) return;
        if ((await free(totalBytes - maxBytes * (1 - headroom), 'bytes')) === 0) return;
      }
    },
    makeRoom: async (bytes) => {
      if (clock.now() < retryAtMs) return false;
      const freed = await free(Math.max(roomMinBytes, 4 * bytes), 'disk-full').catch(() => 0);
      if (freed === 0) retryAtMs = clock.now() + retryDelayMs;
      return freed > 0;
    },
    idle: async () => {
      await removing?.catch(() => undefined);
    },
  };
}
