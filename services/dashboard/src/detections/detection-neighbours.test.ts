import { describe, expect, it } from '@jest/globals';
import type { StoredDetection } from '@camplane/contracts/detection';
import type { DetectionPage, DetectionParameters } from '../api/detections.ts';
import { sampleStartMs, sampleStored } from '../boxes/sample-detection.ts';
import { noFilter } from './detection-filter.ts';
import type { DetectionFilter } from './detection-filter.ts';
import { findNeighbours } from './detection-neighbours.ts';

/** Lists like the API: newest first, by time and id, in pages. */
function storeOf(stored: StoredDetection[]) {
  const calls: DetectionParameters[] = [];
  const sorted = stored.toSorted((a, b) => (`${a.capturedAt}${a.id}` < `${b.capturedAt}${b.id}` ? 1 : -1));
  const list = async (parameters: DetectionParameters): Promise<DetectionPage> => {
    calls.push(parameters);
    const { from = '', to = '9', limit, cursor = '0', cameraId } = parameters as Record<string, string>;
    const matching = sorted.filter(
      (one) =>
        one.capturedAt >= from &&
        one.capturedAt < to &&
        (cameraId === undefined || one.cameraId === cameraId),
    );
    const end = Number(cursor) + Number(limit);
    return {
      items: matching.slice(Number(cursor), end),
      nextCursor: end < matching.length ? String(end) : null,
    };
  };
  return { list, calls };
}

const minute = 60_000;
const nowMs = sampleStartMs + 1000 * minute;
const neighbours = async (
  stored: StoredDetection[],
  of: StoredDetection,
  filter: DetectionFilter = noFilter,
) => {
  const { newer, older } = await findNeighbours(storeOf(stored).list, of, filter, nowMs);
  return [newer?.id ?? null, older?.id ?? null];
};

describe('the neighbours of a detection', () => {
  const [first, second, third] = [
    sampleStored(1, 0),
    sampleStored(2, 30 * minute),
    sampleStored(3, 900 * minute),
  ];

  it('are the nearest before and after, at any distance', async () => {
    expect(await neighbours([first, second, third], second)).toEqual([third.id, first.id]);
    expect(await neighbours([first, second, third], third)).toEqual([null, second.id]);
    expect(await neighbours([first, second, third], first)).toEqual([second.id, null]);
    expect(await neighbours([first], first)).toEqual([null, null]);
  });

  it('may be in the same frame', async () => {
    const [a, b, c] = [sampleStored(1, 0), sampleStored(2, 0), sampleStored(3, 0)];
    expect(await neighbours([a, b, c], b)).toEqual([c.id, a.id]);
  });

  it('belong to other tracks, even if the detection is not the first of its track', async () => {
    const later = { ...sampleStored(2, 31 * minute), id: sampleStored(9, 0).id };
    expect(await neighbours([first, second, third], later)).toEqual([third.id, first.id]);
  });

  it('respect the filter of the list the user came from', async () => {
    const yard = sampleStored(4, 40 * minute, { cameraId: 'yard' });
    const door = { ...noFilter, cameraId: 'door' };
    expect(await neighbours([first, second, yard, third], second, door)).toEqual([third.id, first.id]);
    // The list does not show this one, so its filter does not apply.
    expect(await neighbours([first, second, yard, third], yard, door)).toEqual([third.id, second.id]);
  });

  it('are the nearest even with more than one page of results', async () => {
    const many = Array.from({ length: 450 }, (_, index) =>
      sampleStored(index + 10, 20 * minute + index * 1000),
    );
    expect(await neighbours([first, ...many], first)).toEqual([many[0]?.id, null]);
  });

  it('are found in few requests', async () => {
    const store = storeOf([first]);
    await findNeighbours(store.list, first, noFilter, nowMs);
    expect(store.calls.length).toBeLessThan(8);
  });
});
