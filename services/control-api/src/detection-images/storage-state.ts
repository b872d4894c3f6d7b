import type { Clock } from '@camplane/runtime/clock';
import type { Logger } from '@camplane/service-kit/logging';
import type { Metrics } from '@camplane/service-kit/metrics';

/** A disk that is full again within this time was full all along. */
const fullQuietMs = 30_000;

/** Whether pictures can be written, told once when it begins and once when it ends. */
export type StorageState = { written(): void; full(): void; failed(error: unknown): void };

export function createStorageState(deps: {
  log: Pick<Logger, 'info' | 'warn'>;
  metrics: Metrics;
  clock: Pick<Clock, 'now'>;
}): StorageState {
  const { log, clock } = deps;
  let state: 'well' | 'full' | 'failing' = 'well';
  let lastFullAtMs = -Infinity;
  const isFull = deps.metrics.gauge({
    name: 'camplane_frame_storage_full',
    help: '1 while the disk of FRAME_STORAGE_PATH is full',
  });
  isFull.set(0);

  return {
    written: () => {
      if (state === 'well' || (state === 'full' && clock.now() - lastFullAtMs < fullQuietMs)) return;
      log.info({ was: state }, 'pictures of detections can be written again');
      state = 'well';
      isFull.set(0);
    },
    full: () => {
      lastFullAtMs = clock.now();
      if (state === 'full') return;
      state = 'full';
      isFull.set(1);
      log.warn(
        {},
        'the disk of FRAME_STORAGE_PATH is full: the oldest pictures make room; where that is not enough, ' +
          'detections are stored without a picture',
      );
    },
    failed: (error) => {
      if (state === 'failing') return;
      state = 'failing';
      isFull.set(0);
      log.warn(
        { err: error },
        'pictures cannot be written to FRAME_STORAGE_PATH: detections are stored without one',
      );
    },
  };
}
