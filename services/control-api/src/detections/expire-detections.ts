import { CamplaneError } from '@camplane/contracts/problem';
import type { WallClock } from '@camplane/runtime/clock';
import type { Logger } from '@camplane/service-kit/logging';
import type { Metrics } from '@camplane/service-kit/metrics';
import { setImmediate as turn } from 'node:timers/promises';
import type { DetectionStore } from './detection-store.ts';

const dayMs = 24 * 3600_000;
/** Rows per statement: few enough not to delay other queries. */
const batchMaxRows = 1_000;

/** Deletes detections older than their retention, in batches. `sweep` never throws. */
export function createDetectionExpiry(deps: {
  store: Pick<DetectionStore, 'deleteBefore'>;
  retentionDays: number;
  wallClock: WallClock;
  log: Pick<Logger, 'warn'>;
  metrics: Metrics;
}): { sweep(): Promise<void>; stop(): Promise<void> } {
  const { store, retentionDays, wallClock, log } = deps;
  const expired = deps.metrics.counter({
    name: 'camplane_detections_expired_total',
    help: 'Detections deleted after DETECTION_RETENTION_DAYS',
  });
  let isStopping = false;
  let sweeping: Promise<void> | undefined;

  const sweep = async (): Promise<void> => {
    const before = new Date(wallClock.epochMs() - retentionDays * dayMs);
    try {
      for (let removed = batchMaxRows; removed === batchMaxRows && !isStopping; await turn()) {
        removed = await store.deleteBefore(before, batchMaxRows);
        expired.inc(removed);
      }
    } catch (error) {
      // The next sweep retries.
      if (error instanceof CamplaneError && error.kind === 'store-unavailable') return;
      log.warn({ err: error }, 'expired detections not deleted, will retry');
    }
  };

  return {
    sweep: () => (sweeping ??= sweep().finally(() => (sweeping = undefined))),
    stop: async () => {
      isStopping = true;
      await sweeping;
    },
  };
}
