import type { StoredDetection } from '@camplane/contracts/detection';
import type { DetectionPage, DetectionParameters } from '../api/detections.ts';
import { filterParameters, noFilter, passesFilter } from './detection-filter.ts';
import type { DetectionFilter } from './detection-filter.ts';

type List = (parameters: DetectionParameters) => Promise<DetectionPage>;
export type Neighbours = { newer: StoredDetection | null; older: StoredDetection | null };

/** More than one frame can hold, so that detections of the same frame are not skipped. */
const olderMax = 80;
const pageSize = 200;
const pagesMax = 5;
const windowFirstMs = 60_000;
const windowGrowth = 4;

/**
 * Finds the tracks before and after a detection in the list the user came from, or in the unfiltered list if it is not
 * in that one. The API only lists backwards, so newer tracks are searched in growing time windows.
 */
export async function findNeighbours(
  list: List,
  detection: StoredDetection,
  listFilter: DetectionFilter,
  nowMs: number,
): Promise<Neighbours> {
  const atMs = Date.parse(detection.capturedAt);
  const isListed = passesFilter(listFilter, detection.cameraId, atMs, detection);
  const filter = isListed ? listFilter : { ...noFilter, motion: detection.detector === 'motion' };
  const [newer, older] = await Promise.all([
    findNewer(list, detection, filter, nowMs),
    findOlder(list, detection, filter),
  ]);
  return { newer, older };
}

async function findOlder(list: List, detection: StoredDetection, filter: DetectionFilter) {
  const to = timeText(Date.parse(detection.capturedAt) + 1);
  const { items } = await list({ ...tracksOf(filter), to, limit: String(olderMax) });
  const index = items.findIndex(({ id }) => id === detection.id);
  const after =
    index === -1
      ? items.filter(({ capturedAt }) => capturedAt < detection.capturedAt)
      : items.slice(index + 1);
  return after.find(({ trackId }) => trackId !== detection.trackId) ?? null;
}

async function findNewer(list: List, detection: StoredDetection, filter: DetectionFilter, nowMs: number) {
  const atMs = Date.parse(detection.capturedAt);
  const endMs = Math.min(nowMs, filter.to === null ? nowMs : Date.parse(filter.to));
  for (let windowMs = windowFirstMs; ; windowMs *= windowGrowth) {
    const toMs = Math.min(endMs, atMs + windowMs);
    if (toMs <= atMs) return null;
    const items = await listAll(list, {
      ...tracksOf(filter),
      from: detection.capturedAt,
      to: timeText(toMs),
      limit: String(pageSize),
    });
    const index = items.findIndex(({ id }) => id === detection.id);
    const before =
      index === -1
        ? items.filter(({ capturedAt }) => capturedAt > detection.capturedAt)
        : items.slice(0, index);
    const nearest = before.findLast(({ trackId }) => trackId !== detection.trackId);
    if (nearest || toMs === endMs) return nearest ?? null;
  }
}

async function listAll(list: List, parameters: DetectionParameters): Promise<StoredDetection[]> {
  const items: StoredDetection[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < pagesMax; page += 1) {
    const answer: DetectionPage = await list(cursor === null ? parameters : { ...parameters, cursor });
    items.push(...answer.items);
    cursor = answer.nextCursor;
    if (cursor === null) break;
  }
  return items;
}

function tracksOf(filter: DetectionFilter): DetectionParameters {
  return { ...filterParameters(filter), firstOfTrack: 'true' };
}

function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
