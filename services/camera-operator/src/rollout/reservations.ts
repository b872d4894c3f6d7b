import type { Clock } from '@camplane/runtime/clock';

/** Cameras that may be replaced, until the cache shows the result. */
export type Reservations = {
  /** Adds or renews a reservation. */
  reserve(camera: string): void;
  has(camera: string): boolean;
  release(camera: string): void;
  /** Releases reservations whose result is visible, and returns the others. */
  pending(isVisible: (camera: string) => boolean): readonly string[];
};

/**
 * A write that timed out may have succeeded, and a cache may be behind until its watch restarts. A reservation expires
 * after that.
 */
const ageMaxMs = 300_000;

/** In memory only: a new process lists the cluster before it writes. */
export function createReservations(clock: Pick<Clock, 'now'>): Reservations {
  const reservedMs = new Map<string, number>();
  return {
    reserve: (camera) => void reservedMs.set(camera, clock.now()),
    has: (camera) => reservedMs.has(camera),
    release: (camera) => void reservedMs.delete(camera),
    pending(isVisible) {
      for (const [camera, sinceMs] of reservedMs) {
        if (clock.now() - sinceMs > ageMaxMs || isVisible(camera)) reservedMs.delete(camera);
      }
      return [...reservedMs.keys()];
    },
  };
}
