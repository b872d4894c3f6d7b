import { messageOf } from '../api/message-of.ts';
import type { DetectionPage, DetectionParameters } from '../api/detections.ts';
import type { DetectionEvent, DetectionStream } from '../live/detection-stream.ts';
import { createBatch } from './batch.ts';
import type { Later } from './batch.ts';
import { filterParameters, filterQuery } from './detection-filter.ts';
import type { DetectionFilter } from './detection-filter.ts';
import { emptyList, reduceList } from './detection-list.ts';
import type { ListAction, ListState } from './detection-list.ts';
import { createImageLookup } from './image-lookup.ts';

export type HistoryDeps = {
  list: (parameters: DetectionParameters, signal: AbortSignal) => Promise<DetectionPage>;
  stream: Pick<DetectionStream, 'subscribe'>;
  later: Later;
  pageSize: number;
};

/** A list of detections: loaded over HTTP, then updated with live events. */
export type DetectionHistory = {
  subscribe: (listener: () => void) => () => void;
  current: () => ListState;
  /** Shows the list for a filter. If it is shown already, only refreshes it. */
  open: (filter: DetectionFilter) => void;
  /** Adds live events until the returned function is called. The list is kept afterwards. */
  follow: () => () => void;
  /** Requests the newest page again. */
  refresh: () => void;
  loadMore: () => void;
  hold: (held: boolean) => void;
  reveal: () => void;
};

/** Twenty events per second must not render the list twenty times. */
const batchMs = 100;
/** Not every detection has an image; among this many, one does. */
const trackPageSize = 8;

export function createDetectionHistory(deps: HistoryDeps): DetectionHistory {
  const listeners = new Set<() => void>();
  let state = emptyList;
  let opened = false;
  /** Aborted when the filter changes or the list is left. */
  let stop = new AbortController();
  let refreshing = false;

  const dispatch = (action: ListAction) => {
    const before = state;
    state = reduceList(state, action);
    if (state !== before) for (const listener of listeners) listener();
  };
  const load = (page: Record<string, string>) => {
    const parameters = {
      ...filterParameters(state.filter),
      firstOfTrack: 'true',
      limit: String(deps.pageSize),
    };
    return deps.list({ ...parameters, ...page }, stop.signal);
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
  const lookup = createImageLookup({
    current: () => state,
    refresh,
    async findTrack(trackId, signal) {
      const { items } = await deps.list({ trackId, limit: String(trackPageSize) }, signal);
      return items.find(({ imagePath }) => imagePath !== null) ?? items[0];
    },
    onFound: (item) => dispatch({ type: 'track-found', item }),
    later: deps.later,
  });
  const batch = createBatch<DetectionEvent>(deps.later, batchMs, (events) => {
    dispatch({ type: 'received', events });
    lookup.schedule(stop.signal);
  });
  const abandon = () => {
    stop.abort();
    stop = new AbortController();
    refreshing = false;
    lookup.cancel();
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
      const unsubscribe = deps.stream.subscribe(state.filter.cameraId, (event) => {
        if (event.detections.length > 0) batch.add(event);
      });
      return () => {
        unsubscribe();
        batch.clear();
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
