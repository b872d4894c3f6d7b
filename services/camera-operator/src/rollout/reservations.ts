import type { Clock } from '@camplane/runtime/clock';

/** Cameras that may be replaced, until the cache shows the result. */
export type Reservations = {
  /** Adds or renews a reservation. */
  reserve(camera: string): void;
  has(camera: string): boolean;
  /** A write of this camera follows. */
  writing(camera: string): void;
  /** The last write failed. It is `isRejected` if the API server refused it, so that it had no effect. */
  failed(camera: string, isRejected: boolean): void;
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
  /** `effects`: writes that may have taken effect. */
  const reserved = new Map<string, { sinceMs: number; effects: number }>();
  return {
    reserve(camera) {
      reserved.set(camera, { sinceMs: clock.now(), effects: reserved.get(camera)?.effects ?? 0 });
    },
    has: (camera) => reserved.has(camera),
    writing(camera) {
      const reservation = reserved.get(camera);
      if (reservation) reservation.effects += 1;
    },
    failed(camera, isRejected) {
      const reservation = reserved.get(camera);
      if (!reservation || !isRejected) return;
      reservation.effects -= 1;
      // An earlier write that the cache does not show yet may have replaced the pod.
      if (reservation.effects <= 0) reserved.delete(camera);
    },
    pending(isVisible) {
      for (const [camera, { sinceMs }] of reserved) {
        if (clock.now() - sinceMs > ageMaxMs || isVisible(camera)) reserved.delete(camera);
      }
      return [...reserved.keys()];
    },
  };
}
