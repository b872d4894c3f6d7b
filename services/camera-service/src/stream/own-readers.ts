/** Who was let in: a viewer, or one of ours by its id at MediaMTX, where it has one. */
export type Reader = 'viewer' | { ownId: string | null };

/**
 * Camplane's own readers of a path, the tap and snapshots, are no viewers: a stream must not run on because we look
 * at it. MediaMTX names each one at the auth hook before it lists it.
 */
export type OwnReaders = {
  arrived(id: string): void;
  /** Those of MediaMTX's list that are viewers. */
  viewersAmong<R extends { id: string }>(readers: readonly R[]): R[];
};

/** A reader is named up to twice (its connection, its session); of those not listed, so many are remembered. */
const unlistedMax = 32;

export function createOwnReaders(): OwnReaders {
  let listed = new Set<string>();
  /** In the order in which they came. */
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
