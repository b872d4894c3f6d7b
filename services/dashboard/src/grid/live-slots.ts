/**
 * Limits how many tiles play video: each costs a decoder in the browser and a viewer on the server. The others show
 * pictures. First come, first served.
 */
export type LiveSlots = {
  /** `has` returns whether the slot was granted. */
  request: (name: string) => void;
  release: (name: string) => void;
  has: (name: string) => boolean;
  /** If there are now fewer slots, those that got theirs last lose them. */
  setLimit: (limit: number) => void;
  limit: () => number;
  /** Tiles that hold or await a slot. */
  requested: () => number;
  subscribe: (listener: () => void) => () => void;
};

export function createLiveSlots(slotsMax: number): LiveSlots {
  /** In request order. */
  const requested = new Set<string>();
  const listeners = new Set<() => void>();
  let holders = new Set<string>();
  let limit = slotsMax;
  const assign = () => {
    const staying = [...holders].filter((name) => requested.has(name));
    const waiting = [...requested].filter((name) => !holders.has(name));
    holders = new Set([...staying, ...waiting].slice(0, limit));
    for (const listener of listeners) listener();
  };
  return {
    request(name) {
      if (requested.has(name)) return;
      requested.add(name);
      assign();
    },
    release(name) {
      if (requested.delete(name)) assign();
    },
    has: (name) => holders.has(name),
    setLimit(next) {
      if (next === limit) return;
      limit = next;
      assign();
    },
    limit: () => limit,
    requested: () => requested.size,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
