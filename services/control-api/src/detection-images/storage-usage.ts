import type { Clock } from '@camplane/runtime/clock';
import type { ImageFolder } from './image-folder.ts';

const recountIntervalMs = 3600_000;
const unfinishedMaxAgeMs = 10 * 60_000;

/** Total size of the images in a folder: counted once an hour, updated with each write and removal. */
export type StorageUsage = {
  /** Undefined until the first count is complete. */
  totalBytes(): number | undefined;
  added(bytes: number): void;
  removed(bytes: number): void;
  /** Counts the files unless that was done within the last hour. Also removes unfinished writes. */
  recountIfDue(): Promise<void>;
  /** Cancels a count in progress, which would include files that are being removed. */
  cancelCount(): void;
};

export function createStorageUsage(
  folder: ImageFolder,
  deps: { clock: Pick<Clock, 'now'>; signal: AbortSignal },
): StorageUsage {
  const { clock } = deps;
  let totalBytes: number | undefined;
  let countedAtMs = -Infinity;
  let addedWhileCounting = 0;
  let counting = new AbortController();

  const count = async (): Promise<void> => {
    // Compared with file times, which come from the system's clock, not from an injected one. Files written from here on
    // are added when they are written.
    const startedAtMs = Date.now();
    counting = new AbortController();
    const signal = AbortSignal.any([counting.signal, deps.signal]);
    addedWhileCounting = 0;
    let sum = 0;
    for await (const day of folder.days()) {
      await folder.removeUnfinished(day, startedAtMs - unfinishedMaxAgeMs);
      for await (const location of folder.images(day)) {
        if (signal.aborted) return;
        sum += await folder.bytesOf(location, startedAtMs);
      }
    }
    totalBytes = sum + addedWhileCounting;
    countedAtMs = clock.now();
  };

  return {
    totalBytes: () => totalBytes,
    added: (bytes) => {
      addedWhileCounting += bytes;
      if (totalBytes !== undefined) totalBytes += bytes;
    },
    removed: (bytes) => {
      if (totalBytes !== undefined) totalBytes = Math.max(0, totalBytes - bytes);
    },
    recountIfDue: async () => {
      if (clock.now() - countedAtMs >= recountIntervalMs) await count();
    },
    cancelCount: () => counting.abort(),
  };
}
