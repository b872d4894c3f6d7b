import type { Clock } from '@camplane/runtime/clock';

/** Whose turn it is, from when it was given until the cache shows what came of it. */
export type Reservations = {
  /** Takes the turn, or takes it on. */
  take(camera: string): void;
  has(camera: string): boolean;
  end(camera: string): void;
  /** Those that are not shown yet. What is shown has ended. */
  open(isShown: (camera: string) => boolean): readonly string[];
};

/**
 * A write that was given up may have been done all the same, and a cache may be behind by as long as a watch is silent
 * before it is begun anew. It is held by one camera for no longer.
 */
const ageMaxMs = 300_000;

/** Kept in memory alone: the next process reads the cluster anew before it writes. */
export function createReservations(clock: Pick<Clock, 'now'>): Reservations {
  const takenMs = new Map<string, number>();
  return {
    take: (camera) => void takenMs.set(camera, clock.now()),
    has: (camera) => takenMs.has(camera),
    end: (camera) => void takenMs.delete(camera),
    open(isShown) {
      for (const [camera, sinceMs] of takenMs) {
        if (clock.now() - sinceMs > ageMaxMs || isShown(camera)) takenMs.delete(camera);
      }
      return [...takenMs.keys()];
    },
  };
}
