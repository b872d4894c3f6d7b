/** Runs `task` after `delayMs`; the returned function cancels it. */
export type Later = (task: () => void, delayMs: number) => () => void;

export type Batch<T> = { add: (item: T) => void; clear: () => void };

/** Collects items for `delayMs` after the first and passes them on together. */
export function createBatch<T>(later: Later, delayMs: number, onBatch: (items: T[]) => void): Batch<T> {
  let items: T[] = [];
  let cancel: (() => void) | undefined;
  const flush = () => {
    const batch = items;
    items = [];
    cancel = undefined;
    onBatch(batch);
  };
  return {
    add(item) {
      items.push(item);
      cancel ??= later(flush, delayMs);
    },
    clear() {
      cancel?.();
      cancel = undefined;
      items = [];
    },
  };
}
