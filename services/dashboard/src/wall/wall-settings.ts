/** How many cameras one page of the wall shows. */
export const wallLayouts = [1, 4, 9, 16, 25] as const;
export type WallLayout = (typeof wallLayouts)[number];

/** Seconds that the tour shows each page. */
export const tourIntervals = [5, 10, 20, 30, 60] as const;

export type WallChoice = {
  layout: WallLayout;
  /** Ids of cameras, in the order of the wall. Others follow by name. */
  order: readonly string[];
  tourSeconds: (typeof tourIntervals)[number];
};

/** How the wall is arranged. Stored in this browser: each screen has its own wall. */
export type WallSettings = {
  subscribe: (listener: () => void) => () => void;
  current: () => WallChoice;
  change: (change: Partial<WallChoice>) => void;
};

const key = 'camplane.wall';
const firstChoice: WallChoice = { layout: 9, order: [], tourSeconds: 20 };

export function createWallSettings(storage: () => Pick<Storage, 'getItem' | 'setItem'>): WallSettings {
  const listeners = new Set<() => void>();
  let choice = read(storage);
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    current: () => choice,
    change(change) {
      choice = { ...choice, ...change };
      try {
        storage().setItem(key, JSON.stringify(choice));
      } catch {
        // Storage may be forbidden or full: the choice then lasts until the page is closed.
      }
      for (const listener of listeners) listener();
    },
  };
}

function read(storage: () => Pick<Storage, 'getItem'>): WallChoice {
  try {
    const stored: unknown = JSON.parse(storage().getItem(key) ?? '{}');
    const { layout, order, tourSeconds } = (stored ?? {}) as Record<string, unknown>;
    return {
      layout: wallLayouts.find((one) => one === layout) ?? firstChoice.layout,
      order: Array.isArray(order) ? order.filter((id) => typeof id === 'string') : firstChoice.order,
      tourSeconds: tourIntervals.find((one) => one === tourSeconds) ?? firstChoice.tourSeconds,
    };
  } catch {
    return firstChoice;
  }
}
