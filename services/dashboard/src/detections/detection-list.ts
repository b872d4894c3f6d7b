import type { BoundingBox, DetectionEntry, StoredDetection } from '@camplane/contracts/detection';
import type { DetectionPage } from '../api/detections.ts';
import type { DetectionEvent } from '../live/detection-stream.ts';
import { noFilter, passesFilter } from './detection-filter.ts';
import type { DetectionFilter } from './detection-filter.ts';

/** A track in the list: one thing that was seen, by its first detection. Times are milliseconds since the epoch. */
export type TrackEntry = {
  trackId: string;
  /** Of the first detection, which the entry leads to. */
  id: string;
  cameraId: string;
  label: string;
  /** The highest so far. */
  confidence: number;
  boundingBox: BoundingBox;
  frame: { width: number; height: number };
  firstMs: number;
  lastMs: number;
  /** Null where there is none; undefined while the store was not asked yet. */
  imagePath: string | null | undefined;
};

export type ListState = {
  filter: DetectionFilter;
  phase: 'loading' | 'ready' | 'failed';
  error: string | null;
  /** Newest first. */
  entries: readonly TrackEntry[];
  /** New ones that wait until the reader asks for them, newest first. */
  waiting: readonly TrackEntry[];
  /** Where the next page begins: the API's cursor, or the time before which to go on; null where all is loaded. */
  next: { cursor: string } | { to: string } | null;
  loadingMore: boolean;
  moreError: string | null;
  /** The reader is in the middle of the list: nothing may move. */
  held: boolean;
};

export type ListAction =
  | { type: 'opened'; filter: DetectionFilter }
  | { type: 'loaded'; page: DetectionPage }
  | { type: 'failed'; message: string }
  /** The newest page again; `final`: what has no picture by now gets none. */
  | { type: 'refreshed'; page: DetectionPage; final: boolean }
  | { type: 'loading-more' }
  | { type: 'loaded-more'; page: DetectionPage }
  /** Null: it was given up, which is no failure. */
  | { type: 'more-failed'; message: string | null }
  | { type: 'heard'; events: readonly DetectionEvent[] }
  | { type: 'held'; held: boolean }
  | { type: 'revealed' };

/** Entries kept in the page; beyond it the oldest are left out, and can be loaded again. */
export const entriesMax = 1000;

export const emptyList: ListState = {
  filter: noFilter,
  phase: 'loading',
  error: null,
  entries: [],
  waiting: [],
  next: null,
  loadingMore: false,
  moreError: null,
  held: false,
};

export function reduceList(state: ListState, action: ListAction): ListState {
  switch (action.type) {
    case 'opened':
      return { ...emptyList, filter: action.filter, held: state.held };
    case 'loaded': {
      const loaded = merged(action.page.items.map(entryOf), [...state.entries, ...state.waiting]);
      return limited({
        ...state,
        phase: 'ready',
        error: null,
        entries: loaded,
        waiting: [],
        ...nextOf(action.page),
      });
    }
    case 'failed':
      return { ...state, phase: state.phase === 'ready' ? 'ready' : 'failed', error: action.message };
    case 'refreshed':
      return refreshed(state, action.page, action.final);
    case 'loading-more':
      return { ...state, loadingMore: true, moreError: null };
    case 'loaded-more': {
      const entries = merged(action.page.items.map(entryOf), state.entries);
      return { ...state, entries, loadingMore: false, ...nextOf(action.page) };
    }
    case 'more-failed':
      return { ...state, loadingMore: false, moreError: action.message };
    case 'heard':
      return action.events.reduce(heard, state);
    case 'held':
      return action.held === state.held ? state : { ...state, held: action.held };
    case 'revealed':
      return limited({ ...state, held: false, entries: merged(state.waiting, state.entries), waiting: [] });
  }
}

/** Entries whose picture the store has not told of yet. */
export function hasUnresolved({ entries, waiting }: ListState): boolean {
  return [...entries, ...waiting].some(({ imagePath }) => imagePath === undefined);
}

export function entryOf(stored: StoredDetection): TrackEntry {
  const { trackId, id, cameraId, label, confidence, boundingBox, frame, imagePath } = stored;
  const firstMs = Date.parse(stored.capturedAt);
  return {
    trackId,
    id,
    cameraId,
    label,
    confidence,
    boundingBox,
    frame,
    firstMs,
    lastMs: firstMs,
    imagePath,
  };
}

function heard(state: ListState, event: DetectionEvent): ListState {
  const capturedMs = Date.parse(event.capturedAt);
  return event.detections.reduce((before, found) => {
    const known = (entries: readonly TrackEntry[]) =>
      entries.some(({ trackId }) => trackId === found.trackId);
    const seen = (entries: readonly TrackEntry[]) =>
      entries.map((entry) => (entry.trackId === found.trackId ? seenAgain(entry, found, capturedMs) : entry));
    if (known(before.entries)) return { ...before, entries: seen(before.entries) };
    if (known(before.waiting)) return { ...before, waiting: seen(before.waiting) };
    if (!passesFilter(before.filter, event.cameraId, capturedMs, found)) return before;
    const { id, trackId, label, confidence, boundingBox } = found;
    const { cameraId, frame } = event;
    const times = { firstMs: capturedMs, lastMs: capturedMs };
    return withNew(before, [
      { id, trackId, label, confidence, boundingBox, cameraId, frame, ...times, imagePath: undefined },
    ]);
  }, state);
}

function seenAgain(entry: TrackEntry, { confidence }: DetectionEntry, capturedMs: number): TrackEntry {
  return {
    ...entry,
    confidence: Math.max(entry.confidence, confidence),
    lastMs: Math.max(entry.lastMs, capturedMs),
  };
}

function refreshed(state: ListState, page: DetectionPage, final: boolean): ListState {
  if (state.phase !== 'ready') return reduceList(state, { type: 'loaded', page });
  const items = page.items.map(entryOf);
  const loaded = state.entries.filter(({ imagePath }) => imagePath !== undefined);
  const known = new Set([...state.entries, ...state.waiting].map(({ trackId }) => trackId));
  const isFar =
    loaded.length > 0 && page.nextCursor !== null && !items.some(({ trackId }) => known.has(trackId));
  // So much happened meanwhile that there would be a gap between the two.
  if (isFar) return reduceList({ ...state, entries: [], waiting: [] }, { type: 'loaded', page });
  const told = new Map(items.map((item) => [item.trackId, item]));
  const settle = (entries: readonly TrackEntry[]) =>
    entries.map((entry) => {
      const item = told.get(entry.trackId);
      if (item) return withTold(item, entry);
      return entry.imagePath === undefined && final ? { ...entry, imagePath: null } : entry;
    });
  const settled = { ...state, error: null, entries: settle(state.entries), waiting: settle(state.waiting) };
  return withNew(
    settled,
    items.filter(({ trackId }) => !known.has(trackId)),
  );
}

/** New entries where they belong, or aside while the reader must not be disturbed. */
function withNew(state: ListState, fresh: readonly TrackEntry[]): ListState {
  if (fresh.length === 0) return state;
  const aside = state.held && state.entries.length > 0;
  return limited(
    aside
      ? { ...state, waiting: merged(fresh, state.waiting) }
      : { ...state, entries: merged(fresh, state.entries) },
  );
}

/** One entry a track, newest first. `told` comes from the store, and wins over what was only heard. */
function merged(told: readonly TrackEntry[], before: readonly TrackEntry[]): TrackEntry[] {
  const entries = new Map(before.map((entry) => [entry.trackId, entry]));
  for (const entry of told) {
    const known = entries.get(entry.trackId);
    entries.set(entry.trackId, known ? withTold(entry, known) : entry);
  }
  return [...entries.values()].sort((a, b) => b.firstMs - a.firstMs || (a.id < b.id ? 1 : -1));
}

/** What the store says of the track's beginning, and what was heard of its going on. The same object if nothing new. */
function withTold(told: TrackEntry, known: TrackEntry): TrackEntry {
  if (told.id === known.id && told.imagePath === known.imagePath) return known;
  return {
    ...told,
    confidence: Math.max(told.confidence, known.confidence),
    lastMs: Math.max(told.lastMs, known.lastMs),
  };
}

function limited(state: ListState): ListState {
  const waiting = state.waiting.slice(0, entriesMax);
  if (state.entries.length <= entriesMax) return { ...state, waiting };
  const entries = state.entries.slice(0, entriesMax);
  const lastMs = entries.at(-1)?.firstMs ?? 0;
  // Before the millisecond after it: others of the same moment come again, and are known.
  return { ...state, entries, waiting, next: { to: new Date(lastMs + 1).toISOString() } };
}

function nextOf({ nextCursor }: DetectionPage): Pick<ListState, 'next'> {
  return { next: nextCursor === null ? null : { cursor: nextCursor } };
}
