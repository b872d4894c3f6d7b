import type { Clock } from '@camplane/runtime/clock';

/** Cameras that may be replaced, until the cache shows the result. */
export type Reservations = {
  /** Adds or renews a reservation. */
  reserve(camera: string): void;
  has(camera: string): boolean;
  /** A write of this camera has an unknown outcome: later rejections say nothing about it. */
  keepUntilVisible(camera: string): void;
  /** Releases a reservation, unless an earlier write may have succeeded. */
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
  const reserved = new Map<string, { sinceMs: number; isUncertain: boolean }>();
  return {
    reserve(camera) {
      const isUncertain = reserved.get(camera)?.isUncertain ?? false;
      reserved.set(camera, { sinceMs: clock.now(), isUncertain });
    },
    has: (camera) => reserved.has(camera),
    keepUntilVisible(camera) {
      const reservation = reserved.get(camera);
      if (reservation) reservation.isUncertain = true;
    },
    release(camera) {
      if (reserved.get(camera)?.isUncertain !== true) reserved.delete(camera);
    },
    pending(isVisible) {
      for (const [camera, { sinceMs }] of reserved) {
        if (clock.now() - sinceMs > ageMaxMs || isVisible(camera)) reserved.delete(camera);
      }
      return [...reserved.keys()];
    },
  };
}
