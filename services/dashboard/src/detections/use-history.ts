import { useEffect, useSyncExternalStore } from 'react';
import type { RefObject } from 'react';
import { useCameras } from '../app-context.tsx';
import { filterQuery } from './detection-filter.ts';
import type { DetectionFilter } from './detection-filter.ts';
import type { DetectionHistory } from './detection-history.ts';
import { emptyList } from './detection-list.ts';
import type { ListState } from './detection-list.ts';

/** The list for a filter. Follows live events while mounted, and refreshes after a reconnect. */
export function useHistory(history: DetectionHistory, filter: DetectionFilter): ListState {
  const state = useSyncExternalStore(history.subscribe, history.current);
  const { connection } = useCameras();
  const live = connection.kind === 'live';
  const query = filterQuery(filter);

  useEffect(() => {
    history.open(filter);
    return history.follow();
    // The query contains the whole filter.
  }, [history, query]);
  useEffect(() => {
    if (live) history.refresh();
  }, [history, live]);

  return filterQuery(state.filter) === query ? state : { ...emptyList, filter };
}

/**
 * Holds the list while the user reads it: scrolled down, or with the mouse or the focus on an entry. New entries are
 * revealed afterwards.
 */
export function useHold(
  history: DetectionHistory,
  list: RefObject<HTMLElement | null>,
  present: boolean,
): void {
  useEffect(() => {
    const element = list.current;
    if (!element) return;
    let hovered = false;
    const update = () => {
      const focused = element !== document.activeElement && element.contains(document.activeElement);
      const scrolled = element.getBoundingClientRect().top < 0;
      if (hovered || focused || scrolled) history.hold(true);
      else if (history.current().held) history.reveal();
    };
    const hover = (event: PointerEvent) => {
      hovered = event.type === 'pointerenter' && event.pointerType === 'mouse';
      update();
    };
    // document.activeElement changes only after the event.
    const focus = () => setTimeout(update);
    element.addEventListener('pointerenter', hover);
    element.addEventListener('pointerleave', hover);
    element.addEventListener('focusin', focus);
    element.addEventListener('focusout', focus);
    window.addEventListener('scroll', update, { passive: true });
    update();
    return () => {
      element.removeEventListener('pointerenter', hover);
      element.removeEventListener('pointerleave', hover);
      element.removeEventListener('focusin', focus);
      element.removeEventListener('focusout', focus);
      window.removeEventListener('scroll', update);
    };
  }, [history, list, present]);
}
