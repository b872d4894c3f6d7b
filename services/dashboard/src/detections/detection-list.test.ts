import { describe, expect, it } from '@jest/globals';
import { sampleEntry, sampleEvent, sampleStartMs, sampleStored } from '../boxes/sample-detection.ts';
import { noFilter } from './detection-filter.ts';
import { tracksToLookUp, emptyList, entriesMax, fewestLookups, reduceList } from './detection-list.ts';
import type { ListAction, ListState } from './detection-list.ts';

const page = (tracks: number[], nextCursor: string | null = null) => ({
  items: tracks.map((track) => sampleStored(track, track * 1000)),
  nextCursor,
});
const run = (actions: ListAction[], from: ListState = emptyList) => actions.reduce(reduceList, from);
const ids = (entries: ListState['entries']) => entries.map(({ trackId }) => Number(trackId.slice(-12)));
const loaded = run([{ type: 'loaded', page: page([3, 2, 1], 'more') }]);
const receives = (track: number, capturedMs: number, confidence = 0.8): ListAction => ({
  type: 'received',
  events: [sampleEvent(capturedMs, [sampleEntry(track, { confidence })])],
});

describe('the list of detections', () => {
  it('adds a new track at the top and updates a known one in place', () => {
    const state = run([receives(4, 4000), receives(2, 5000, 0.95), receives(2, 6000, 0.4)], loaded);
    expect(ids(state.entries)).toEqual([4, 3, 2, 1]);
    expect(state.entries[2]).toMatchObject({
      firstMs: sampleStartMs + 2000,
      lastMs: sampleStartMs + 6000,
      confidence: 0.95,
      id: sampleStored(2, 0).id,
    });
  });

  it('keeps unchanged entries identical, so that they are not rendered again', () => {
    const state = run([receives(3, 5000), { type: 'refreshed', page: page([3, 2, 1], 'x') }], loaded);
    expect(state.entries[1]).toBe(loaded.entries[1]);
  });

  it('adds only what passes the filter', () => {
    const filtered = reduceList(loaded, { type: 'opened', filter: { ...noFilter, minConfidence: 0.7 } });
    expect(ids(run([receives(4, 4000, 0.69), receives(5, 4000, 0.7)], filtered).entries)).toEqual([5]);
  });

  it('hides new entries while the list is held and reveals them on request', () => {
    const held = run(
      [{ type: 'held', held: true }, receives(4, 4000), receives(5, 5000), receives(4, 6000)],
      loaded,
    );
    expect(ids(held.entries)).toEqual([3, 2, 1]);
    expect(ids(held.waiting)).toEqual([5, 4]);
    const shown = reduceList(held, { type: 'revealed' });
    expect(ids(shown.entries)).toEqual([5, 4, 3, 2, 1]);
    expect(shown.waiting).toEqual([]);
    expect(shown.held).toBe(false);
  });

  it('shows the first entry even while held', () => {
    const state = run([{ type: 'loaded', page: page([]) }, { type: 'held', held: true }, receives(1, 1000)]);
    expect(ids(state.entries)).toEqual([1]);
  });

  it('looks up the image of a new track and takes its start from the store', () => {
    const before = run([receives(4, 4000)], loaded);
    expect(before.entries[0]?.imagePath).toBeUndefined();
    expect(fewestLookups(before)).toBe(0);
    const early = { ...sampleStored(4, 3500), id: sampleStored(9, 0).id };
    const items = [early, ...page([3, 2, 1]).items];
    const after = reduceList(before, { type: 'refreshed', page: { items, nextCursor: 'x' } });
    expect(fewestLookups(after)).toBeNull();
    expect(after.entries[0]).toMatchObject({
      id: early.id,
      imagePath: early.imagePath,
      firstMs: sampleStartMs + 3500,
      lastMs: sampleStartMs + 4000,
    });
    expect(after.next).toEqual({ cursor: 'more' });
  });

  it('stops looking for an image after three lookups, but takes it if it appears later', () => {
    const again = (tracks: number[]): ListAction => ({ type: 'refreshed', page: page(tracks, 'x') });
    const twice = run([receives(4, 4000), again([3, 2, 1]), again([3, 2, 1])], loaded);
    expect(twice.entries[0]?.imagePath).toBeUndefined();
    expect(fewestLookups(twice)).toBe(2);
    const thrice = reduceList(twice, again([3, 2, 1]));
    expect(thrice.entries[0]?.imagePath).toBeNull();
    expect(fewestLookups(thrice)).toBeNull();
    expect(reduceList(thrice, again([4, 3, 2])).entries[0]?.imagePath).toMatch(/image$/);
  });

  it('looks up the tracks with the most failed lookups first', () => {
    const again: ListAction = { type: 'refreshed', page: page([3, 2, 1], 'x') };
    const state = run([receives(4, 4000), again, receives(5, 5000), again, receives(6, 6000)], loaded);
    const tracks = tracksToLookUp(state).map((trackId) => Number(trackId.slice(-12)));
    expect(tracks).toEqual([4, 5]);
  });

  it('starts over when the newest page does not reach the loaded entries, and keeps new ones', () => {
    const state = run([receives(10, 9500), { type: 'refreshed', page: page([9, 8, 7], 'new') }], loaded);
    expect(ids(state.entries)).toEqual([10, 9, 8, 7]);
    expect(state.next).toEqual({ cursor: 'new' });
  });

  it('does not start over while held, only on reveal', () => {
    const held = run(
      [{ type: 'held', held: true }, { type: 'refreshed', page: page([9, 8, 7], 'new') }, receives(10, 9500)],
      loaded,
    );
    expect(ids(held.entries)).toEqual([3, 2, 1]);
    expect(held.next).toEqual({ cursor: 'more' });
    const shown = reduceList(held, { type: 'revealed' });
    expect(ids(shown.entries)).toEqual([10, 9, 8, 7]);
    expect(shown.next).toEqual({ cursor: 'new' });
    expect(shown.gap).toBeNull();
  });

  it('moves a track to its real start once a later page has it', () => {
    const state = run([receives(7, 7000), { type: 'loading-more' }], loaded);
    const stored = [sampleStored(7, 500), sampleStored(6, 100)];
    const more = reduceList(state, { type: 'loaded-more', page: { items: stored, nextCursor: null } });
    expect(ids(more.entries)).toEqual([3, 2, 1, 7, 6]);
    expect(more.entries[3]?.lastMs).toBe(sampleStartMs + 7000);
    expect(more.next).toBeNull();
    expect(more.loadingMore).toBe(false);
  });

  it('keeps events received while the first page loads', () => {
    const state = run([receives(4, 4000), { type: 'loaded', page: page([3, 2]) }]);
    expect(ids(state.entries)).toEqual([4, 3, 2]);
  });

  it('keeps the list when a later load fails', () => {
    expect(reduceList(emptyList, { type: 'failed', message: 'no' })).toMatchObject({
      phase: 'failed',
      error: 'no',
    });
    expect(reduceList(loaded, { type: 'failed', message: 'no' }).phase).toBe('ready');
    expect(reduceList(loaded, { type: 'more-failed', message: 'no' })).toMatchObject({ moreError: 'no' });
  });

  it('drops the oldest entries beyond the limit and can load them again', () => {
    let state = loaded;
    for (let track = 4; track <= entriesMax + 1; track += 1)
      state = reduceList(state, receives(track, track * 1000));
    expect(state.entries).toHaveLength(entriesMax);
    expect(state.next).toEqual({ to: '2026-01-01T00:00:02.001Z' });
    expect(ids(state.entries).at(-1)).toBe(2);
  });
});
