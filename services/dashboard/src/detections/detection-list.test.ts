import { describe, expect, it } from '@jest/globals';
import { sampleEntry, sampleEvent, sampleStartMs, sampleStored } from '../boxes/sample-detection.ts';
import { noFilter } from './detection-filter.ts';
import { askedInVainFor, emptyList, entriesMax, leastAsked, reduceList } from './detection-list.ts';
import type { ListAction, ListState } from './detection-list.ts';

const page = (tracks: number[], nextCursor: string | null = null) => ({
  items: tracks.map((track) => sampleStored(track, track * 1000)),
  nextCursor,
});
const run = (actions: ListAction[], from: ListState = emptyList) => actions.reduce(reduceList, from);
const ids = (entries: ListState['entries']) => entries.map(({ trackId }) => Number(trackId.slice(-12)));
const loaded = run([{ type: 'loaded', page: page([3, 2, 1], 'more') }]);
const hears = (track: number, capturedMs: number, confidence = 0.8): ListAction => ({
  type: 'heard',
  events: [sampleEvent(capturedMs, [sampleEntry(track, { confidence })])],
});

describe('the list of detections', () => {
  it('adds a new track at its head, and updates a known one in its place', () => {
    const state = run([hears(4, 4000), hears(2, 5000, 0.95), hears(2, 6000, 0.4)], loaded);
    expect(ids(state.entries)).toEqual([4, 3, 2, 1]);
    expect(state.entries[2]).toMatchObject({
      firstMs: sampleStartMs + 2000,
      lastMs: sampleStartMs + 6000,
      confidence: 0.95,
      id: sampleStored(2, 0).id,
    });
  });

  it('leaves entries that nothing happened to as they are, so that they are not drawn again', () => {
    const state = run([hears(3, 5000), { type: 'refreshed', page: page([3, 2, 1], 'x') }], loaded);
    expect(state.entries[1]).toBe(loaded.entries[1]);
  });

  it('takes in what passes the filter alone', () => {
    const filtered = reduceList(loaded, { type: 'opened', filter: { ...noFilter, minConfidence: 0.7 } });
    expect(ids(run([hears(4, 4000, 0.69), hears(5, 4000, 0.7)], filtered).entries)).toEqual([5]);
  });

  it('keeps new ones aside while the reader is in the middle of it, and shows them when asked to', () => {
    const held = run([{ type: 'held', held: true }, hears(4, 4000), hears(5, 5000), hears(4, 6000)], loaded);
    expect(ids(held.entries)).toEqual([3, 2, 1]);
    expect(ids(held.waiting)).toEqual([5, 4]);
    const shown = reduceList(held, { type: 'revealed' });
    expect(ids(shown.entries)).toEqual([5, 4, 3, 2, 1]);
    expect(shown.waiting).toEqual([]);
    expect(shown.held).toBe(false);
  });

  it('does not keep the first one aside', () => {
    const state = run([{ type: 'loaded', page: page([]) }, { type: 'held', held: true }, hears(1, 1000)]);
    expect(ids(state.entries)).toEqual([1]);
  });

  it('asks the store for the picture of what it heard, and takes the beginning that the store knows', () => {
    const before = run([hears(4, 4000)], loaded);
    expect(before.entries[0]?.imagePath).toBeUndefined();
    expect(leastAsked(before)).toBe(0);
    const early = { ...sampleStored(4, 3500), id: sampleStored(9, 0).id };
    const items = [early, ...page([3, 2, 1]).items];
    const after = reduceList(before, { type: 'refreshed', page: { items, nextCursor: 'x' } });
    expect(leastAsked(after)).toBeNull();
    expect(after.entries[0]).toMatchObject({
      id: early.id,
      imagePath: early.imagePath,
      firstMs: sampleStartMs + 3500,
      lastMs: sampleStartMs + 4000,
    });
    expect(after.next).toEqual({ cursor: 'more' });
  });

  it('gives up on a picture that the store never tells of, and takes it if it does in the end', () => {
    const again = (tracks: number[]): ListAction => ({ type: 'refreshed', page: page(tracks, 'x') });
    const twice = run([hears(4, 4000), again([3, 2, 1]), again([3, 2, 1])], loaded);
    expect(twice.entries[0]?.imagePath).toBeUndefined();
    expect(leastAsked(twice)).toBe(2);
    const thrice = reduceList(twice, again([3, 2, 1]));
    expect(thrice.entries[0]?.imagePath).toBeNull();
    expect(leastAsked(thrice)).toBeNull();
    expect(reduceList(thrice, again([4, 3, 2])).entries[0]?.imagePath).toMatch(/image$/);
  });

  it('asks by itself first for what it has asked for most', () => {
    const again: ListAction = { type: 'refreshed', page: page([3, 2, 1], 'x') };
    const state = run([hears(4, 4000), again, hears(5, 5000), again, hears(6, 6000)], loaded);
    const asked = askedInVainFor(state).map((trackId) => Number(trackId.slice(-12)));
    expect(asked).toEqual([4, 5]);
  });

  it('begins anew where more happened meanwhile than a page holds, and keeps what was just heard', () => {
    const state = run([hears(10, 9500), { type: 'refreshed', page: page([9, 8, 7], 'new') }], loaded);
    expect(ids(state.entries)).toEqual([10, 9, 8, 7]);
    expect(state.next).toEqual({ cursor: 'new' });
  });

  it('does not begin anew under the reader’s eyes, but when they ask for what is new', () => {
    const held = run(
      [{ type: 'held', held: true }, { type: 'refreshed', page: page([9, 8, 7], 'new') }, hears(10, 9500)],
      loaded,
    );
    expect(ids(held.entries)).toEqual([3, 2, 1]);
    expect(held.next).toEqual({ cursor: 'more' });
    const shown = reduceList(held, { type: 'revealed' });
    expect(ids(shown.entries)).toEqual([10, 9, 8, 7]);
    expect(shown.next).toEqual({ cursor: 'new' });
    expect(shown.gap).toBeNull();
  });

  it('puts what a further page says of a track that is still seen in its true place', () => {
    const state = run([hears(7, 7000), { type: 'loading-more' }], loaded);
    const stored = [sampleStored(7, 500), sampleStored(6, 100)];
    const more = reduceList(state, { type: 'loaded-more', page: { items: stored, nextCursor: null } });
    expect(ids(more.entries)).toEqual([3, 2, 1, 7, 6]);
    expect(more.entries[3]?.lastMs).toBe(sampleStartMs + 7000);
    expect(more.next).toBeNull();
    expect(more.loadingMore).toBe(false);
  });

  it('keeps what was heard while the first page was on its way', () => {
    const state = run([hears(4, 4000), { type: 'loaded', page: page([3, 2]) }]);
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

  it('holds a limited number, and goes on loading where it was cut', () => {
    let state = loaded;
    for (let track = 4; track <= entriesMax + 1; track += 1)
      state = reduceList(state, hears(track, track * 1000));
    expect(state.entries).toHaveLength(entriesMax);
    expect(state.next).toEqual({ to: '2026-01-01T00:00:02.001Z' });
    expect(ids(state.entries).at(-1)).toBe(2);
  });
});
