import { CamplaneError } from '@camplane/contracts/problem';
import type { WallClock } from '@camplane/runtime/clock';
import type { Logger } from '@camplane/service-kit/logging';
import type { Metrics } from '@camplane/service-kit/metrics';
import { setImmediate as turn } from 'node:timers/promises';
import type { DetectionStore } from './detection-store.ts';

const dayMs = 24 * 3600_000;
/** Rows of one statement: short enough that nothing else waits for it. */
const batchMaxRows = 1_000;

/** Deletes stored detections that are older than their retention, a batch at a time. `sweep` never throws. */
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
    help: 'Stored detections that were deleted because they were older than DETECTION_RETENTION_DAYS',
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
      // The next sweep finds them as well.
      if (error instanceof CamplaneError && error.kind === 'store-unavailable') return;
      log.warn({ err: error }, 'old detections could not be deleted');
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
