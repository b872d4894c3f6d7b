import { useRef } from 'react';
import { useApp } from '../app-context.tsx';
import { Icon } from '../interface/icon.tsx';
import { Notice } from '../interface/notice.tsx';
import { DetectionFilters } from './detection-filters.tsx';
import { isFiltered, noFilter } from './detection-filter.ts';
import type { DetectionFilter } from './detection-filter.ts';
import type { ListState } from './detection-list.ts';
import { TrackList } from './track-list.tsx';
import { useHistory, useHold } from './use-history.ts';

/** All detections, newest first, updated live. */
export function DetectionsPage({ filter }: { filter: DetectionFilter }) {
  const { history, navigation } = useApp();
  const state = useHistory(history, filter);
  const list = useRef<HTMLUListElement>(null);
  const present = state.entries.length > 0;
  useHold(history, list, present);

  const change = (changes: Partial<DetectionFilter>) =>
    navigation.go(
      { page: 'detections', filter: { ...filter, ...changes } },
      { replace: true, keepScroll: true },
    );
  const reveal = () => {
    window.scrollTo(0, 0);
    list.current?.focus({ preventScroll: true });
    history.reveal();
  };

  return (
    <>
      <div className="page-head">
        <h1>Detections</h1>
      </div>
      <DetectionFilters filter={filter} labels={labelsOf(state)} change={change} />
      {state.error !== null && (
        <Notice tone="error">
          <p>Detections could not be loaded. {state.error}</p>
          <button type="button" className="button button-small" onClick={history.refresh}>
            Try again
          </button>
        </Notice>
      )}
      <div className="new-tracks" role="status">
        {state.waiting.length > 0 && (
          <button type="button" className="button button-primary" onClick={reveal}>
            <Icon name="up" />
            {state.waiting.length} new
          </button>
        )}
      </div>
      {present && <TrackList entries={state.entries} list={list} />}
      {!present && <NoTracks state={state} clear={() => change({ ...noFilter, motion: filter.motion })} />}
      <MoreTracks state={state} loadMore={history.loadMore} />
    </>
  );
}

function NoTracks({ state, clear }: { state: ListState; clear: () => void }) {
  if (state.phase === 'failed') return null;
  if (state.phase === 'loading') return <p className="page-note">Loading detections…</p>;
  if (isFiltered(state.filter)) {
    return (
      <div className="empty">
        <h2>No detections match these filters</h2>
        <p>New ones appear here automatically.</p>
        <button type="button" className="button" onClick={clear}>
          Clear filters
        </button>
      </div>
    );
  }
  return (
    <div className="empty">
      <h2>No detections yet</h2>
      <p>
        People and other objects that your cameras detect appear here automatically.
        {!state.filter.motion && ' Press “Include motion” to list motion too.'}
      </p>
    </div>
  );
}

function MoreTracks({ state, loadMore }: { state: ListState; loadMore: () => void }) {
  if (state.phase !== 'ready' || state.entries.length === 0) return null;
  if (state.next === null) return <p className="tracks-end">No more detections.</p>;
  return (
    <div className="tracks-end">
      {state.moreError !== null && <Notice tone="error">{state.moreError}</Notice>}
      <button type="button" className="button" disabled={state.loadingMore} onClick={loadMore}>
        {state.loadingMore ? 'Loading…' : 'Load more'}
      </button>
    </div>
  );
}

/** Suggestions: the built-in labels and those in the list. */
function labelsOf({ entries }: ListState): string[] {
  return [...new Set(['person', 'motion', ...entries.map(({ label }) => label)])].sort();
}
