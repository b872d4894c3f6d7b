import type { Clock } from '@camplane/runtime/clock';
import type { Logger } from '@camplane/service-kit/logging';
import type { Metrics } from '@camplane/service-kit/metrics';

/** A disk that is full again within this time counts as full throughout. */
const fullQuietMs = 30_000;

/** Whether images can be written. Logs each change once. */
export type StorageState = { written(): void; full(): void; failed(error: unknown): void };

export function createStorageState(deps: {
  log: Pick<Logger, 'info' | 'warn'>;
  metrics: Metrics;
  clock: Pick<Clock, 'now'>;
}): StorageState {
  const { log, clock } = deps;
  let state: 'ok' | 'full' | 'failing' = 'ok';
  let lastFullAtMs = -Infinity;
  const isFull = deps.metrics.gauge({
    name: 'camplane_frame_storage_full',
    help: '1 while the disk of FRAME_STORAGE_PATH is full',
  });
  isFull.set(0);

  return {
    written: () => {
      if (state === 'ok' || (state === 'full' && clock.now() - lastFullAtMs < fullQuietMs)) return;
      log.info({ previous: state }, 'images of detections can be written again');
      state = 'ok';
      isFull.set(0);
    },
    full: () => {
      lastFullAtMs = clock.now();
      if (state === 'full') return;
      state = 'full';
      isFull.set(1);
      log.warn(
        {},
        'disk of FRAME_STORAGE_PATH full, removing the oldest images; detections are stored without an image if ' +
          'that is not enough',
      );
    },
    failed: (error) => {
      if (state === 'failing') return;
      state = 'failing';
      isFull.set(0);
      log.warn(
        { err: error },
        'failed to write an image to FRAME_STORAGE_PATH, detections are stored without images',
      );
    },
  };
}
