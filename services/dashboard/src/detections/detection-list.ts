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
  /** Null where there is none; undefined while the store has not told. */
  imagePath: string | null | undefined;
  /** How often the store was asked in vain. */
  asked: number;
};

type Next = { cursor: string } | { to: string } | null;

export type ListState = {
  filter: DetectionFilter;
  phase: 'loading' | 'ready' | 'failed';
  error: string | null;
  /** Newest first. */
  entries: readonly TrackEntry[];
  /** New ones that wait until the reader asks for them, newest first. */
  waiting: readonly TrackEntry[];
  /** Where the next page begins: the API's cursor, or the time before which to go on; null where all is loaded. */
  next: Next;
  /** Between those that wait and the list there are others, which are loaded from here on; null if there are none. */
  gap: Next;
  loadingMore: boolean;
  moreError: string | null;
  /** The reader is in the middle of the list: nothing may move. */
  held: boolean;
};

export type ListAction =
  | { type: 'opened'; filter: DetectionFilter }
  | { type: 'loaded'; page: DetectionPage }
  | { type: 'failed'; message: string }
  /** The newest page again. */
  | { type: 'refreshed'; page: DetectionPage }
  /** A detection of a track that began before the newest page. */
  | { type: 'told'; item: StoredDetection }
  | { type: 'loading-more' }
  | { type: 'loaded-more'; page: DetectionPage }
  /** Null: it was given up, which is no failure. */
  | { type: 'more-failed'; message: string | null }
  | { type: 'heard'; events: readonly DetectionEvent[] }
  | { type: 'held'; held: boolean }
  | { type: 'revealed' };

/** Entries kept in the page; beyond it the oldest are left out, and can be loaded again. */
export const entriesMax = 1000;
/** The store writes a moment after the event; what it does not know after so many questions has no picture. */
export const asksMax = 3;

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
    case 'told':
      return toldOf(state, action.item);
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
      return revealed(state);
  }
}

/** Tracks of which the store's newest page does not tell, as they began before it; first those whose last chance it is. */
export function askedInVainFor({ entries, waiting }: ListState): string[] {
  const open = [...entries, ...waiting].filter(
    ({ asked, imagePath }) => asked > 0 && imagePath === undefined,
  );
  return open.toSorted((a, b) => b.asked - a.asked).map(({ trackId }) => trackId);
}

/** How often the store was asked for the entry it was asked for least, of those it has not told of; null without any. */
export function leastAsked({ entries, waiting }: ListState): number | null {
  const open = [...entries, ...waiting].filter(({ imagePath }) => imagePath === undefined);
  return open.length === 0 ? null : Math.min(...open.map(({ asked }) => asked));
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
    asked: 0,
  };
}

function revealed(state: ListState): ListState {
  const shown = { ...state, held: false, waiting: [], gap: null };
  return state.gap === null
    ? limited({ ...shown, entries: merged(state.waiting, state.entries) })
    : limited({ ...shown, entries: state.waiting, next: state.gap });
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
        asked: 0,
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
  const told = new Map(items.map((item) => [item.trackId, item]));
  const settle = (entries: readonly TrackEntry[]) =>
    entries.map((entry) => {
      const item = told.get(entry.trackId);
      if (item) return withTold(item, entry);
      return entry.imagePath === undefined ? askedInVain(entry) : entry;
    });
  const isGap = page.nextCursor !== null && !isConnected(state, told);
  const settled = { ...state, error: null, entries: settle(state.entries), waiting: settle(state.waiting) };
  if (isGap && !state.held) {
    const heardOnly = [...settled.entries, ...settled.waiting].filter(
      ({ imagePath }) => imagePath === undefined,
    );
    return reduceList({ ...settled, entries: heardOnly, waiting: [] }, { type: 'loaded', page });
  }
  const known = new Set([...state.entries, ...state.waiting].map(({ trackId }) => trackId));
  return withNew(
    isGap ? { ...settled, gap: nextOf(page).next } : settled,
    items.filter(({ trackId }) => !known.has(trackId)),
  );
}

/** The track's picture; when it was first seen here stays, as its true beginning is on a page further down. */
function toldOf(state: ListState, item: StoredDetection): ListState {
  const { id, boundingBox, frame, imagePath } = entryOf(item);
  const settle = (entries: readonly TrackEntry[]) =>
    entries.map((entry) =>
      entry.trackId === item.trackId && entry.imagePath === undefined
        ? { ...entry, id, boundingBox, frame, imagePath }
        : entry,
    );
  return { ...state, entries: settle(state.entries), waiting: settle(state.waiting) };
}

/** Whether the newest page reaches down to what was loaded before; otherwise there are others between the two. */
function isConnected({ entries, waiting }: ListState, told: ReadonlyMap<string, TrackEntry>): boolean {
  const loaded = [...entries, ...waiting].filter(({ imagePath }) => imagePath !== undefined);
  return loaded.length === 0 || loaded.some(({ trackId }) => told.has(trackId));
}

function askedInVain(entry: TrackEntry): TrackEntry {
  const asked = entry.asked + 1;
  return { ...entry, asked, imagePath: asked >= asksMax ? null : undefined };
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
