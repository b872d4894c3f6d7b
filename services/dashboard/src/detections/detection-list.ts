import type { BoundingBox, DetectionEntry, StoredDetection } from '@camplane/contracts/detection';
import type { DetectionPage } from '../api/detections.ts';
import type { DetectionEvent } from '../live/detection-stream.ts';
import { noFilter, passesFilter } from './detection-filter.ts';
import type { DetectionFilter } from './detection-filter.ts';

/** A track, shown by its first detection. Times are milliseconds since the epoch. */
export type TrackEntry = {
  trackId: string;
  /** Of the first detection, which the entry links to. */
  id: string;
  cameraId: string;
  label: string;
  /** The highest so far. */
  confidence: number;
  boundingBox: BoundingBox;
  frame: { width: number; height: number };
  firstMs: number;
  lastMs: number;
  /** Null: no image. Undefined: not known yet. */
  imagePath: string | null | undefined;
  /** Lookups that did not find the track in the store. */
  failedLookups: number;
};

type Next = { cursor: string } | { to: string } | null;

export type ListState = {
  filter: DetectionFilter;
  phase: 'loading' | 'ready' | 'failed';
  error: string | null;
  /** Newest first. */
  entries: readonly TrackEntry[];
  /** New entries that are hidden until the user reveals them, newest first. */
  waiting: readonly TrackEntry[];
  /** Where the next page starts: the API's cursor, or an end time; null: everything is loaded. */
  next: Next;
  /** Where the entries between `waiting` and `entries` start; null without a gap. */
  gap: Next;
  loadingMore: boolean;
  moreError: string | null;
  /** The user is reading the list: nothing may move. */
  held: boolean;
};

export type ListAction =
  | { type: 'opened'; filter: DetectionFilter }
  | { type: 'loaded'; page: DetectionPage }
  | { type: 'failed'; message: string }
  /** The newest page again. */
  | { type: 'refreshed'; page: DetectionPage }
  /** A detection of a track that is not on the newest page. */
  | { type: 'track-found'; item: StoredDetection }
  | { type: 'loading-more' }
  | { type: 'loaded-more'; page: DetectionPage }
  /** Null: cancelled. */
  | { type: 'more-failed'; message: string | null }
  | { type: 'received'; events: readonly DetectionEvent[] }
  | { type: 'held'; held: boolean }
  | { type: 'revealed' };

/** Beyond this, the oldest entries are dropped and can be loaded again. */
export const entriesMax = 1000;
/** An entry that the store does not have after this many lookups has no image. */
export const lookupsMax = 3;

export const emptyList: ListState = {
  filter: noFilter,
  phase: 'loading',
  error: null,
  entries: [],
  waiting: [],
  next: null,
  gap: null,
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
      return refreshed(state, action.page);
    case 'track-found':
      return trackFound(state, action.item);
    case 'loading-more':
      return { ...state, loadingMore: true, moreError: null };
    case 'loaded-more': {
      const entries = merged(action.page.items.map(entryOf), state.entries);
      return { ...state, entries, loadingMore: false, ...nextOf(action.page) };
    }
    case 'more-failed':
      return { ...state, loadingMore: false, moreError: action.message };
    case 'received':
      return action.events.reduce(receive, state);
    case 'held':
      return action.held === state.held ? state : { ...state, held: action.held };
    case 'revealed':
      return revealed(state);
  }
}

/** Tracks that are not on the newest page, those with the most failed lookups first. */
export function tracksToLookUp({ entries, waiting }: ListState): string[] {
  const open = [...entries, ...waiting].filter(
    ({ failedLookups, imagePath }) => failedLookups > 0 && imagePath === undefined,
  );
  return open.toSorted((a, b) => b.failedLookups - a.failedLookups).map(({ trackId }) => trackId);
}

/** The smallest number of failed lookups among entries without a known image; null without such entries. */
export function fewestLookups({ entries, waiting }: ListState): number | null {
  const open = [...entries, ...waiting].filter(({ imagePath }) => imagePath === undefined);
  return open.length === 0 ? null : Math.min(...open.map(({ failedLookups }) => failedLookups));
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
    failedLookups: 0,
  };
}

function revealed(state: ListState): ListState {
  const shown = { ...state, held: false, waiting: [], gap: null };
  return state.gap === null
    ? limited({ ...shown, entries: merged(state.waiting, state.entries) })
    : limited({ ...shown, entries: state.waiting, next: state.gap });
}

function receive(state: ListState, event: DetectionEvent): ListState {
  const capturedMs = Date.parse(event.capturedAt);
  return event.detections.reduce((before, found) => {
    const known = (entries: readonly TrackEntry[]) =>
      entries.some(({ trackId }) => trackId === found.trackId);
    const update = (entries: readonly TrackEntry[]) =>
      entries.map((entry) => (entry.trackId === found.trackId ? seenAgain(entry, found, capturedMs) : entry));
    if (known(before.entries)) return { ...before, entries: update(before.entries) };
    if (known(before.waiting)) return { ...before, waiting: update(before.waiting) };
    if (!passesFilter(before.filter, event.cameraId, capturedMs, found)) return before;
    const { id, trackId, label, confidence, boundingBox } = found;
    const { cameraId, frame } = event;
    const times = { firstMs: capturedMs, lastMs: capturedMs };
    return withNew(before, [
      {
        id,
        trackId,
        label,
        confidence,
        boundingBox,
        cameraId,
        frame,
        ...times,
        imagePath: undefined,
        failedLookups: 0,
      },
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

function refreshed(state: ListState, page: DetectionPage): ListState {
  if (state.phase !== 'ready') return reduceList(state, { type: 'loaded', page });
  const items = page.items.map(entryOf);
  const stored = new Map(items.map((item) => [item.trackId, item]));
  const settle = (entries: readonly TrackEntry[]) =>
    entries.map((entry) => {
      const item = stored.get(entry.trackId);
      if (item) return withStored(item, entry);
      return entry.imagePath === undefined ? lookupFailed(entry) : entry;
    });
  const isGap = page.nextCursor !== null && !isConnected(state, stored);
  const settled = { ...state, error: null, entries: settle(state.entries), waiting: settle(state.waiting) };
  if (isGap && !state.held) {
    const receivedOnly = [...settled.entries, ...settled.waiting].filter(
      ({ imagePath }) => imagePath === undefined,
    );
    return reduceList({ ...settled, entries: receivedOnly, waiting: [] }, { type: 'loaded', page });
  }
  const known = new Set([...state.entries, ...state.waiting].map(({ trackId }) => trackId));
  return withNew(
    isGap ? { ...settled, gap: nextOf(page).next } : settled,
    items.filter(({ trackId }) => !known.has(trackId)),
  );
}

/** Takes the track's image, but keeps the start time: the real start is on a later page. */
function trackFound(state: ListState, item: StoredDetection): ListState {
  const { id, boundingBox, frame, imagePath } = entryOf(item);
  const settle = (entries: readonly TrackEntry[]) =>
    entries.map((entry) =>
      entry.trackId === item.trackId && entry.imagePath === undefined
        ? { ...entry, id, boundingBox, frame, imagePath }
        : entry,
    );
  return { ...state, entries: settle(state.entries), waiting: settle(state.waiting) };
}

/** Whether the newest page overlaps the loaded entries. If not, there is a gap between them. */
function isConnected({ entries, waiting }: ListState, stored: ReadonlyMap<string, TrackEntry>): boolean {
  const loaded = [...entries, ...waiting].filter(({ imagePath }) => imagePath !== undefined);
  return loaded.length === 0 || loaded.some(({ trackId }) => stored.has(trackId));
}

function lookupFailed(entry: TrackEntry): TrackEntry {
  const failedLookups = entry.failedLookups + 1;
  return { ...entry, failedLookups, imagePath: failedLookups >= lookupsMax ? null : undefined };
}

/** Inserts new entries, or puts them in `waiting` while the list is held. */
function withNew(state: ListState, fresh: readonly TrackEntry[]): ListState {
  if (fresh.length === 0) return state;
  const aside = state.held && state.entries.length > 0;
  return limited(
    aside
      ? { ...state, waiting: merged(fresh, state.waiting) }
      : { ...state, entries: merged(fresh, state.entries) },
  );
}

/** One entry per track, newest first. Data from the store replaces data from events. */
function merged(stored: readonly TrackEntry[], before: readonly TrackEntry[]): TrackEntry[] {
  const entries = new Map(before.map((entry) => [entry.trackId, entry]));
  for (const entry of stored) {
    const known = entries.get(entry.trackId);
    entries.set(entry.trackId, known ? withStored(entry, known) : entry);
  }
  return [...entries.values()].sort((a, b) => b.firstMs - a.firstMs || (a.id < b.id ? 1 : -1));
}

/** The track's start from the store, its end from events. Returns the same object if nothing changed. */
function withStored(stored: TrackEntry, known: TrackEntry): TrackEntry {
  if (stored.id === known.id && stored.imagePath === known.imagePath) return known;
  return {
    ...stored,
    confidence: Math.max(stored.confidence, known.confidence),
    lastMs: Math.max(stored.lastMs, known.lastMs),
  };
}

function limited(state: ListState): ListState {
  const waiting = state.waiting.slice(0, entriesMax);
  if (state.entries.length <= entriesMax) return { ...state, waiting };
  const entries = state.entries.slice(0, entriesMax);
  const lastMs = entries.at(-1)?.firstMs ?? 0;
  // Includes the last millisecond again: entries of the same time may be missing, known ones are merged.
  return { ...state, entries, waiting, next: { to: new Date(lastMs + 1).toISOString() } };
}

function nextOf({ nextCursor }: DetectionPage): Pick<ListState, 'next'> {
  return { next: nextCursor === null ? null : { cursor: nextCursor } };
}
