import { parseRoute, routePath } from './route.ts';
import type { Route } from './route.ts';

/** The address bar as a store that React can subscribe to. */
export type Navigation = {
  subscribe: (listener: () => void) => () => void;
  current: () => Route;
  /** `keepScroll`: for changes within a page. */
  go: (route: Route, options?: { replace?: boolean; keepScroll?: boolean }) => void;
};

export function createNavigation(window: Window): Navigation {
  const listeners = new Set<() => void>();
  const read = () => parseRoute(`${window.location.pathname}${window.location.search}`);
  let route = read();
  const changed = () => {
    route = read();
    for (const listener of listeners) listener();
  };
  window.addEventListener('popstate', changed);
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    current: () => route,
    go(target, { replace = false, keepScroll = false } = {}) {
      const path = routePath(target);
      if (replace) window.history.replaceState(null, '', path);
      else window.history.pushState(null, '', path);
      if (!keepScroll) window.scrollTo(0, 0);
      changed();
    },
  };
}
