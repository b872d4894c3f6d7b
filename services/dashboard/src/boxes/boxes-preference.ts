/** Whether boxes are drawn over live pictures: a choice of whoever sits at this browser, remembered by it. */
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
        // A browser may forbid it: the choice then holds as long as the page does.
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
