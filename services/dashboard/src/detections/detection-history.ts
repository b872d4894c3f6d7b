import { messageOf } from '../api/message-of.ts';
import type { DetectionPage, DetectionParameters } from '../api/detections.ts';
import type { DetectionEvent, DetectionStream } from '../live/detection-stream.ts';
import { filterParameters, filterQuery } from './detection-filter.ts';
import type { DetectionFilter } from './detection-filter.ts';
import { askedInVainFor, emptyList, leastAsked, reduceList } from './detection-list.ts';
import type { ListAction, ListState } from './detection-list.ts';

export type HistoryDeps = {
  list: (parameters: DetectionParameters, signal: AbortSignal) => Promise<DetectionPage>;
  stream: Pick<DetectionStream, 'follow'>;
  /** Runs `task` later; the function it returns takes that back. */
  later: (task: () => void, delayMs: number) => () => void;
  pageSize: number;
};

/** The list of detections that is looked at: loaded over HTTP, and kept current with what is heard. */
export type DetectionHistory = {
  subscribe: (listener: () => void) => () => void;
  current: () => ListState;
  /** Shows another choice; the one that is shown already is only brought up to date. */
  open: (filter: DetectionFilter) => void;
  /** Follows what is heard until the returned function is called; the list stays as it was then. */
  follow: () => () => void;
  /** Asks for what may have been missed, or again after a failure. */
  refresh: () => void;
  loadMore: () => void;
  hold: (held: boolean) => void;
  reveal: () => void;
};

/** Events are taken in together, so that twenty a second do not draw the list twenty times. */
const gatherMs = 100;
/** The store writes a moment after the event: it is asked for the pictures of new tracks then, and again later. */
const resolveAfterMs = [700, 2_000, 5_000] as const;
const tracksAskedMax = 6;
/** Not every detection has a picture; of so many, one has. */
const trackPageSize = 8;

export function createDetectionHistory(deps: HistoryDeps): DetectionHistory {
  const listeners = new Set<() => void>();
  let state = emptyList;
  let opened = false;
  let stop = new AbortController();
  let gathered: DetectionEvent[] = [];
  let cancelGather: (() => void) | undefined;
  let resolving: { delayMs: number; cancel: () => void } | undefined;
  let refreshing = false;

  const dispatch = (action: ListAction) => {
    const before = state;
    state = reduceList(state, action);
    if (state !== before) for (const listener of listeners) listener();
  };
  const load = (rest: Record<string, string>) => {
    const parameters = {
      ...filterParameters(state.filter),
      firstOfTrack: 'true',
      limit: String(deps.pageSize),
    };
    return deps.list({ ...parameters, ...rest }, stop.signal);
  };
  const refresh = async () => {
    if (refreshing) return;
    refreshing = true;
    const { signal } = stop;
    try {
      const page = await load({});
      if (!signal.aborted) dispatch({ type: 'refreshed', page });
    } catch (error) {
      if (!signal.aborted) dispatch({ type: 'failed', message: messageOf(error) });
    } finally {
      if (!signal.aborted) refreshing = false;
    }
  };
  /** One that was in view before the list was opened has its picture further down: it is asked for by itself. */
  const askForTracks = async (signal: AbortSignal) => {
    for (const trackId of askedInVainFor(state).slice(0, tracksAskedMax)) {
      if (signal.aborted) return;
      try {
        const { items } = await deps.list({ trackId, limit: String(trackPageSize) }, signal);
        const item = items.find(({ imagePath }) => imagePath !== null) ?? items[0];
        if (item && !signal.aborted) dispatch({ type: 'told', item });
      } catch {
        // It is asked for again with the next round, or does without.
      }
    }
  };

  /** Asks the store for what it has not told of yet, soon for what is new. */
  const resolve = () => {
    const asked = leastAsked(state);
    const delayMs = asked === null ? undefined : resolveAfterMs[asked];
    if (delayMs === undefined || (resolving && resolving.delayMs <= delayMs)) return;
    resolving?.cancel();
    const { signal } = stop;
    const run = async () => {
      resolving = undefined;
      await refresh();
      await askForTracks(signal);
      if (!signal.aborted) resolve();
    };
    resolving = { delayMs, cancel: deps.later(() => void run(), delayMs) };
  };
  const takeIn = () => {
    cancelGather = undefined;
    const events = gathered;
    gathered = [];
    dispatch({ type: 'heard', events });
    resolve();
  };
  const abandon = () => {
    stop.abort();
    stop = new AbortController();
    refreshing = false;
    resolving?.cancel();
    resolving = undefined;
    if (state.loadingMore) dispatch({ type: 'more-failed', message: null });
  };

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    current: () => state,
    open(filter) {
      if (!opened || filterQuery(filter) !== filterQuery(state.filter)) {
        abandon();
        opened = true;
        dispatch({ type: 'opened', filter });
      }
      void refresh();
    },
    follow() {
      const unfollow = deps.stream.follow(state.filter.cameraId, (event) => {
        if (event.detections.length === 0) return;
        gathered.push(event);
        cancelGather ??= deps.later(takeIn, gatherMs);
      });
      return () => {
        unfollow();
        cancelGather?.();
        cancelGather = undefined;
        gathered = [];
        abandon();
      };
    },
    refresh: () => void refresh(),
    loadMore() {
      const { next, loadingMore } = state;
      if (next === null || loadingMore) return;
      dispatch({ type: 'loading-more' });
      const { signal } = stop;
      load('cursor' in next ? { cursor: next.cursor } : { to: next.to }).then(
        (page) => {
          if (!signal.aborted) dispatch({ type: 'loaded-more', page });
        },
        (error: unknown) => {
          if (!signal.aborted) dispatch({ type: 'more-failed', message: messageOf(error) });
        },
      );
    },
    hold: (held) => dispatch({ type: 'held', held }),
    reveal: () => dispatch({ type: 'revealed' }),
  };
}
