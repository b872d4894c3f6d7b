/**
 * Who may play at once. Each live picture costs the browser a decoder and the server a viewer, so only so many
 * tiles play; the others show pictures that are fetched again. First come, first served; a slot that is given
 * back goes to the one who has waited longest.
 */
export type LiveSlots = {
  /** Asks for a slot under a name; the answer is in `has`. */
  request: (name: string) => void;
  release: (name: string) => void;
  has: (name: string) => boolean;
  subscribe: (listener: () => void) => () => void;
};

export function createLiveSlots(slotsMax: number): LiveSlots {
  // In the order of asking: the first `slotsMax` hold a slot.
  const wanted = new Set<string>();
  const listeners = new Set<() => void>();
  let holders = new Set<string>();
  const assign = () => {
    const staying = [...holders].filter((name) => wanted.has(name));
    const waiting = [...wanted].filter((name) => !holders.has(name));
    holders = new Set([...staying, ...waiting].slice(0, slotsMax));
    for (const listener of listeners) listener();
  };
  return {
    request(name) {
      if (wanted.has(name)) return;
      wanted.add(name);
      assign();
    },
    release(name) {
      if (wanted.delete(name)) assign();
    },
    has: (name) => holders.has(name),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
