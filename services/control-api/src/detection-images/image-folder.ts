import { randomUUID } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { constants } from 'node:fs';
import { access, mkdir, open, opendir, rename, rm, rmdir, stat, unlink, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { isCameraName, isDayName, isPictureName, isUnfinishedName, pathOf } from './picture-path.ts';
import type { PicturePlace } from './picture-path.ts';

export type DayFolder = { cameraId: string; day: string };

/**
 * Pictures as files. Everything below reads and removes only what {@link pathOf} made: other names, and links,
 * are not ours.
 */
export type PictureFolder = {
  /** Writes under a temporary name and renames, so that nobody ever reads half a picture. @throws system errors */
  write(place: PicturePlace, bytes: Uint8Array): Promise<void>;
  /** @returns undefined when the picture is not there */
  open(place: PicturePlace): Promise<{ handle: FileHandle; bytes: number } | undefined>;
  has(place: PicturePlace): Promise<boolean>;
  /** @returns the bytes of a picture that is there, and was before a moment if one is given; else 0 */
  bytesOf(place: PicturePlace, beforeMs?: number): Promise<number>;
  /** @returns the bytes that this made free */
  remove(place: PicturePlace): Promise<number>;
  days(): AsyncGenerator<DayFolder>;
  pictures(folder: DayFolder): AsyncGenerator<PicturePlace>;
  /** Removes what writes of before a moment left unfinished. */
  removeUnfinished(folder: DayFolder, beforeMs: number): Promise<void>;
  /** Removes the folder of a day, and then of its camera, where they are empty. */
  removeIfEmpty(folder: DayFolder): Promise<void>;
};

export function createPictureFolder(root: string): PictureFolder {
  const at = (place: PicturePlace): string => join(root, pathOf(place));

  const write = async (place: PicturePlace, bytes: Uint8Array): Promise<void> => {
    const folder = join(root, place.cameraId, place.day);
    const unfinished = join(folder, `.${place.file}.${randomUUID().slice(0, 8)}.part`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    try {
      await writeFile(unfinished, bytes, { flag: 'wx', mode: 0o600 });
      await rename(unfinished, at(place));
    } catch (error) {
      await rm(unfinished, { force: true }).catch(() => {});
      throw error;
    }
  };

  return {
    write: (place, bytes) =>
      write(place, bytes).catch((error: unknown) => {
        // An empty folder was removed between its making and the write: made again, it holds something.
        if (isMissing(error)) return write(place, bytes);
        throw error;
      }),
    open: async (place) => {
      let handle: FileHandle;
      try {
        handle = await open(at(place), constants.O_RDONLY | constants.O_NOFOLLOW);
      } catch {
        return undefined;
      }
      const stats = await handle.stat();
      // Empty: the machine went down right after the write.
      if (stats.isFile() && stats.size > 0) return { handle, bytes: stats.size };
      await handle.close();
      return undefined;
    },
    has: (place) =>
      access(at(place)).then(
        () => true,
        () => false,
      ),
    bytesOf: (place, beforeMs) => sizeOf(at(place), beforeMs),
    remove: async (place) => {
      const bytes = await sizeOf(at(place));
      return unlink(at(place)).then(
        () => bytes,
        (error: unknown) => {
          // Another process that shares the folder was quicker.
          if (isMissing(error)) return 0;
          throw error;
        },
      );
    },
    days: () => daysOf(root),
    pictures: (folder) => picturesOf(root, folder),
    removeUnfinished: async ({ cameraId, day }, beforeMs) => {
      for await (const entry of entriesOf(join(root, cameraId, day))) {
        if (!entry.isFile() || !isUnfinishedName(entry.name)) continue;
        const path = join(root, cameraId, day, entry.name);
        const stats = await stat(path).catch(() => undefined);
        if (stats && stats.mtimeMs < beforeMs) await rm(path, { force: true });
      }
    },
    removeIfEmpty: async ({ cameraId, day }) => {
      const isGone = await rmdir(join(root, cameraId, day)).then(
        () => true,
        () => false,
      );
      if (isGone) await rmdir(join(root, cameraId)).catch(() => {});
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

async function* picturesOf(root: string, { cameraId, day }: DayFolder): AsyncGenerator<PicturePlace> {
  for await (const entry of entriesOf(join(root, cameraId, day))) {
    if (entry.isFile() && isPictureName(entry.name)) yield { cameraId, day, file: entry.name };
  }
}

/** Entry by entry: a folder may hold more names than memory should. A folder that is not there has none. */
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
