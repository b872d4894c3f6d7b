/** Whether boxes are drawn over live video. Stored in this browser. */
export type BoxesPreference = {
  subscribe: (listener: () => void) => () => void;
  current: () => boolean;
  set: (shown: boolean) => void;
};

const key = 'camplane.boxes';

export function createBoxesPreference(storage: () => Pick<Storage, 'getItem' | 'setItem'>): BoxesPreference {
  const listeners = new Set<() => void>();
  let shown = read(storage) !== 'off';
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    current: () => shown,
    set(next) {
      shown = next;
      try {
        storage().setItem(key, next ? 'on' : 'off');
      } catch {
        // Storage may be forbidden: the choice then lasts until the page is closed.
      }
      for (const listener of listeners) listener();
    },
  };
}

function read(storage: () => Pick<Storage, 'getItem'>): string | null {
  try {
    return storage().getItem(key);
  } catch {
    return null;
  }
}
