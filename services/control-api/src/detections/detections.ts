import type { EventBus, Subscription } from '@camplane/event-bus/event-bus';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import type { Logger } from '@camplane/service-kit/logging';
import type { Metrics } from '@camplane/service-kit/metrics';
import { join } from 'node:path';
import { defaultRetention } from '../config.ts';
import type { ControlApiConfig, Limits } from '../config.ts';
import type { CameraDirectory } from '../access/camera-rights.ts';
import { createImageStore } from '../detection-images/image-store.ts';
import type { EventServer } from '../events/event-server.ts';
import type { Handlers } from '../http/api-router.ts';
import type { Store } from '../store/store.ts';
import { detectionHandlers } from './detection-handlers.ts';
import type { DetectionOperation } from './detection-handlers.ts';
import { createDetectionStore } from './detection-store.ts';
import type { DetectionStore } from './detection-store.ts';
import { createDetectionWriter } from './detection-writer.ts';
import { createDetectionExpiry } from './expire-detections.ts';
import { storeDetections } from './store-detections.ts';
import { publishDetections } from './publish-detections.ts';
import { within } from '../within.ts';

/** Time for results to get from the bus into the writer while the service stops. */
const handoverMs = 500;

/** Detections: published to clients, stored, served, and deleted after their retention. */
export type Detections = {
  handlers: Pick<Handlers, DetectionOperation>;
  /** @throws CamplaneError `store-unavailable` */
  originOf: DetectionStore['originOf'];
  start(): Promise<void>;
  /** Stores accepted results within `detectionFlushMs`. Call it before the database is closed. */
  stop(): Promise<void>;
};

export function createDetections(
  config: ControlApiConfig,
  deps: {
    bus: EventBus;
    busKeepsMessages: boolean;
    store: Pick<Store, 'use'>;
    events: Pick<EventServer, 'publish'>;
    cameras: CameraDirectory;
    limits: Limits;
    log: Logger;
    metrics: Metrics;
    clock: Pick<Clock, 'now'>;
    wallClock: WallClock;
  },
): Detections {
  const { bus, limits, log, metrics, clock, wallClock } = deps;
  const store = createDetectionStore(deps.store);
  const images = createImageStore(
    {
      folder: config.frameStoragePath ?? join(config.dataDir, 'frames'),
      retentionDays: config.frameRetentionDays ?? defaultRetention.frameRetentionDays,
      maxBytes: config.frameStorageMaxBytes ?? defaultRetention.frameStorageMaxBytes,
    },
    { log, metrics, clock, wallClock },
  );
  const writer = createDetectionWriter({
    insert: store.insert,
    limits: {
      batchMaxResults: limits.detectionBatchMaxResults,
      batchMaxRows: limits.detectionBatchMaxRows,
      lingerMs: limits.detectionLingerMs,
      waitingMaxRows: limits.detectionsWaitingMax,
    },
    log,
    metrics,
  });
  const expiry = createDetectionExpiry({
    store,
    retentionDays: config.detectionRetentionDays ?? defaultRetention.detectionRetentionDays,
    wallClock,
    log,
    metrics,
  });
  const subscriptions: Subscription[] = [];
  let timer: NodeJS.Timeout | undefined;

  const sweep = (): void => {
    void images.sweep();
    void expiry.sweep();
  };

  return {
    handlers: detectionHandlers({ store, images, cameras: deps.cameras }),
    originOf: store.originOf,
    start: async () => {
      subscriptions.push(await publishDetections(bus, deps.events));
      subscriptions.push(await storeDetections({ ...deps, writer, images }));
      timer = setInterval(sweep, limits.retentionIntervalMs);
      timer.unref();
      sweep();
    },
    stop: async () => {
      clearInterval(timer);
      const closed = Promise.all(subscriptions.splice(0).map((subscription) => subscription.close()));
      // Without a broker, handlers must reach the writer before it closes; with one, messages are redelivered.
      if (!deps.busKeepsMessages) await within(closed, handoverMs);
      const lost = await writer.close(limits.detectionFlushMs);
      await closed;
      if (lost > 0 && !deps.busKeepsMessages) {
        log.error({ results: lost }, 'stopped before these detections were stored, they are lost');
      }
      await Promise.all([images.stop(), expiry.stop()]);
    },
  };
}
