import { randomUUID } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { constants } from 'node:fs';
import { access, mkdir, open, opendir, rename, rm, rmdir, stat, unlink, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { isCameraName, isDayName, isImageName, isUnfinishedName, pathOf } from './image-path.ts';
import type { ImageLocation } from './image-path.ts';

export type DayFolder = { cameraId: string; day: string };

/** Images as files. Only names that {@link pathOf} produces are read and removed; other files and links are ignored. */
export type ImageFolder = {
  /** Writes under a temporary name and renames, so that no partial image is ever read. @throws system errors */
  write(location: ImageLocation, bytes: Uint8Array): Promise<void>;
  /** @returns undefined if there is no such image */
  open(location: ImageLocation): Promise<{ handle: FileHandle; bytes: number } | undefined>;
  has(location: ImageLocation): Promise<boolean>;
  /** @returns the size of the image; 0 if it does not exist, or not since before `beforeMs` */
  bytesOf(location: ImageLocation, beforeMs?: number): Promise<number>;
  /** @returns the bytes freed */
  remove(location: ImageLocation): Promise<number>;
  days(): AsyncGenerator<DayFolder>;
  images(folder: DayFolder): AsyncGenerator<ImageLocation>;
  /** Removes the files that interrupted writes left before `beforeMs`. */
  removeUnfinished(folder: DayFolder, beforeMs: number): Promise<void>;
  /** Removes the folder of a day if it is empty, and then that of its camera. */
  removeIfEmpty(folder: DayFolder): Promise<void>;
};

export function createImageFolder(root: string): ImageFolder {
  const at = (location: ImageLocation): string => join(root, pathOf(location));

  const write = async (location: ImageLocation, bytes: Uint8Array): Promise<void> => {
    const folder = join(root, location.cameraId, location.day);
    const unfinished = join(folder, `.${location.file}.${randomUUID().slice(0, 8)}.part`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    try {
      await writeFile(unfinished, bytes, { flag: 'wx', mode: 0o600 });
      await rename(unfinished, at(location));
    } catch (error) {
      await rm(unfinished, { force: true }).catch(() => {});
      throw error;
    }
  };

  return {
    write: (location, bytes) =>
      write(location, bytes).catch((error: unknown) => {
        // A sweep removed the still empty folder before the write.
        if (isMissing(error)) return write(location, bytes);
        throw error;
      }),
    open: async (location) => {
      let handle: FileHandle;
      try {
        handle = await open(at(location), constants.O_RDONLY | constants.O_NOFOLLOW);
      } catch {
        return undefined;
      }
      const stats = await handle.stat();
      // Empty if the machine crashed right after the write.
      if (stats.isFile() && stats.size > 0) return { handle, bytes: stats.size };
      await handle.close();
      return undefined;
    },
    has: (location) =>
      access(at(location)).then(
        () => true,
        () => false,
      ),
    bytesOf: (location, beforeMs) => sizeOf(at(location), beforeMs),
    remove: async (location) => {
      const bytes = await sizeOf(at(location));
      return unlink(at(location)).then(
        () => bytes,
        (error: unknown) => {
          // Another process that shares the folder has removed it.
          if (isMissing(error)) return 0;
          throw error;
        },
      );
    },
    days: () => daysOf(root),
    images: (folder) => imagesOf(root, folder),
    removeUnfinished: async ({ cameraId, day }, beforeMs) => {
      for await (const entry of entriesOf(join(root, cameraId, day))) {
        if (!entry.isFile() || !isUnfinishedName(entry.name)) continue;
        const path = join(root, cameraId, day, entry.name);
        const stats = await stat(path).catch(() => undefined);
        if (stats && stats.mtimeMs < beforeMs) await rm(path, { force: true });
      }
    },
    removeIfEmpty: async ({ cameraId, day }) => {
      const isRemoved = await rmdir(join(root, cameraId, day)).then(
        () => true,
        () => false,
      );
      if (isRemoved) await rmdir(join(root, cameraId)).catch(() => {});
    },
  };
}

async function* daysOf(root: string): AsyncGenerator<DayFolder> {
  for await (const camera of entriesOf(root)) {
    if (!camera.isDirectory() || !isCameraName(camera.name)) continue;
    for await (const day of entriesOf(join(root, camera.name))) {
      if (day.isDirectory() && isDayName(day.name)) yield { cameraId: camera.name, day: day.name };
    }
  }
}

async function* imagesOf(root: string, { cameraId, day }: DayFolder): AsyncGenerator<ImageLocation> {
  for await (const entry of entriesOf(join(root, cameraId, day))) {
    if (entry.isFile() && isImageName(entry.name)) yield { cameraId, day, file: entry.name };
  }
}

/** Streams the entries instead of collecting them. A missing folder has none. */
async function* entriesOf(folder: string): AsyncGenerator<Dirent> {
  try {
    for await (const entry of await opendir(folder)) yield entry;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

async function sizeOf(path: string, beforeMs = Infinity): Promise<number> {
  return stat(path).then(
    (stats) => (stats.isFile() && stats.mtimeMs < beforeMs ? stats.size : 0),
    () => 0,
  );
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}
