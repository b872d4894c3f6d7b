/** A reader that MediaMTX accepted: a viewer, or Camplane itself, by its id at MediaMTX if it has one. */
export type Reader = 'viewer' | { ownId: string | null };

/**
 * Camplane's own readers of a path (taps) do not count as viewers: a stream must not keep running because of them. MediaMTX
 * passes the id of each reader to the auth hook before it lists it.
 */
export type OwnReaders = {
  arrived(id: string): void;
  /** The viewers among the readers that MediaMTX lists. */
  viewersAmong<R extends { id: string }>(readers: readonly R[]): R[];
};

/** Ids kept although MediaMTX does not list them (yet). A reader has up to two: its connection and its session. */
const unlistedMax = 32;

export function createOwnReaders(): OwnReaders {
  let listed = new Set<string>();
  /** In order of arrival. */
  const ids = new Set<string>();
  return {
    arrived(id) {
      ids.add(id);
      if (ids.size <= unlistedMax) return;
      for (const known of ids) {
        if (listed.has(known)) continue;
        ids.delete(known);
        return;
      }
    },
    viewersAmong(readers) {
      listed = new Set(readers.map((reader) => reader.id).filter((id) => ids.has(id)));
      return readers.filter((reader) => !listed.has(reader.id));
    },
  };
}
