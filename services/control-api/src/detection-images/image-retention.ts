import type { DayFolder, PictureFolder } from './picture-folder.ts';
import type { PicturePlace } from './picture-path.ts';

/** Names held in memory at a time while the oldest are looked for. */
const candidatesMax = 5_000;

/** Told of each picture that is removed. */
type OnRemoved = (bytes: number) => void;

/** Removes the pictures of all days before one (`2026-11-14`), and folders that this leaves empty. */
export async function removeDaysBefore(
  folder: PictureFolder,
  firstDayKept: string,
  options: { signal: AbortSignal; onRemoved: OnRemoved },
): Promise<void> {
  for await (const day of folder.days()) {
    if (day.day >= firstDayKept) continue;
    for await (const place of folder.pictures(day)) {
      if (options.signal.aborted) return;
      options.onRemoved(await folder.remove(place));
    }
    await folder.removeUnfinished(day, Infinity);
    await folder.removeIfEmpty(day);
  }
}

/** Removes pictures, the oldest of all cameras first, until so many bytes are free or none is left. */
export async function removeOldest(
  folder: PictureFolder,
  bytesWanted: number,
  options: { signal: AbortSignal; onRemoved: OnRemoved },
): Promise<number> {
  let freed = 0;
  for (const folders of await daysOldestFirst(folder)) {
    for (let isAll = false; !isAll;) {
      const oldest = await oldestOf(folder, folders);
      isAll = oldest.length < candidatesMax;
      for (const place of oldest) {
        if (options.signal.aborted || freed >= bytesWanted) return freed;
        const bytes = await folder.remove(place);
        options.onRemoved(bytes);
        freed += bytes;
      }
    }
    for (const day of folders) await folder.removeIfEmpty(day);
  }
  return freed;
}

async function daysOldestFirst(folder: PictureFolder): Promise<DayFolder[][]> {
  const byDay = new Map<string, DayFolder[]>();
  for await (const each of folder.days()) byDay.set(each.day, [...(byDay.get(each.day) ?? []), each]);
  return [...byDay].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, folders]) => folders);
}

/** The oldest pictures of one day, of all its cameras. */
async function oldestOf(folder: PictureFolder, folders: readonly DayFolder[]): Promise<PicturePlace[]> {
  let oldest: PicturePlace[] = [];
  const trim = (): void => {
    oldest.sort((a, b) => (a.file < b.file ? -1 : 1));
    oldest = oldest.slice(0, candidatesMax);
  };
  for (const day of folders) {
    for await (const place of folder.pictures(day)) {
      oldest.push(place);
      if (oldest.length >= 2 * candidatesMax) trim();
    }
  }
  trim();
  return oldest;
}
