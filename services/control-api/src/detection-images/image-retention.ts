import type { DayFolder, ImageFolder } from './image-folder.ts';
import type { ImageLocation } from './image-path.ts';

/** File names held in memory while the oldest are determined. */
const candidatesMax = 5_000;

/** Called for each removed image. */
type OnRemoved = (bytes: number) => void;

/** Removes the images of all days before `firstDayKept` (`2026-11-14`), and folders that become empty. */
export async function removeDaysBefore(
  folder: ImageFolder,
  firstDayKept: string,
  options: { signal: AbortSignal; onRemoved: OnRemoved },
): Promise<void> {
  for await (const day of folder.days()) {
    if (day.day >= firstDayKept) continue;
    for await (const location of folder.images(day)) {
      if (options.signal.aborted) return;
      options.onRemoved(await folder.remove(location));
    }
    await folder.removeUnfinished(day, Infinity);
    await folder.removeIfEmpty(day);
  }
}

/** Removes images, the oldest of all cameras first, until `bytes` are freed or none is left. */
export async function removeOldest(
  folder: ImageFolder,
  bytes: number,
  options: { signal: AbortSignal; onRemoved: OnRemoved },
): Promise<number> {
  let freed = 0;
  for (const folders of await daysOldestFirst(folder)) {
    for (let isLast = false; !isLast;) {
      const oldest = await oldestOf(folder, folders);
      isLast = oldest.length < candidatesMax;
      for (const location of oldest) {
        if (options.signal.aborted || freed >= bytes) return freed;
        const removed = await folder.remove(location);
        options.onRemoved(removed);
        freed += removed;
      }
    }
    for (const day of folders) await folder.removeIfEmpty(day);
  }
  return freed;
}

async function daysOldestFirst(folder: ImageFolder): Promise<DayFolder[][]> {
  const byDay = new Map<string, DayFolder[]>();
  for await (const each of folder.days()) byDay.set(each.day, [...(byDay.get(each.day) ?? []), each]);
  return [...byDay].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, folders]) => folders);
}

/** The oldest images of one day across cameras. */
async function oldestOf(folder: ImageFolder, folders: readonly DayFolder[]): Promise<ImageLocation[]> {
  let oldest: ImageLocation[] = [];
  const trim = (): void => {
    oldest.sort((a, b) => (a.file < b.file ? -1 : 1));
    oldest = oldest.slice(0, candidatesMax);
  };
  for (const day of folders) {
    for await (const location of folder.images(day)) {
      oldest.push(location);
      if (oldest.length >= 2 * candidatesMax) trim();
    }
  }
  trim();
  return oldest;
}
