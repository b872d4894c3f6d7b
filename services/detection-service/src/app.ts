import express from 'express';
import type { EventBus } from '@camplane/event-bus/event-bus';
import { whenAborted } from '@camplane/runtime/abort';
import { monotonicClock, wallClock } from '@camplane/runtime/clock';
import type { Health } from '@camplane/service-kit/health';
import { listen } from '@camplane/service-kit/http-server';
import type { Logger } from '@camplane/service-kit/logging';
import type { Metrics } from '@camplane/service-kit/metrics';
import { operationalRoutes } from '@camplane/service-kit/operational-routes';
import { notFoundHandler, problemHandler } from '@camplane/service-kit/problem-middleware';
import { detectRoutes } from './detect-route/detect-routes.ts';
import { createLookAtSingle } from './detect-route/look-at-single.ts';
import { createFrameIntake } from './frames/frame-intake.ts';
import { createIntakeMetrics } from './frames/intake-metrics.ts';
import { createHttpDetector } from './http-detector/http-detector.ts';
import type { OnnxSettings } from './onnx/load-model.ts';
import { startDetectionThread } from './workers/detection-thread.ts';
import { createWorkerPool } from './workers/worker-pool.ts';

export type DetectionServiceConfig = {
  host: string;
  port: number;
  workers: number;
  /** Frames older than this are skipped. */
  frameAgeMaxMs?: number;
  /** Where the detector `http` asks; without it cameras that want it get nothing from it. */
  aiService?: { url: string; timeoutMs: number };
  /** The model of the detector `onnx`; see `checkModel`. */
  onnx?: OnnxSettings;
};

/** detection-service in any process: on one machine beside the others, in a pod alone. */
export function createDetectionService(
  config: DetectionServiceConfig,
  dependencies: { bus: EventBus; log: Logger; metrics: Metrics; health: Health },
) {
  const { bus, log, health } = dependencies;
  const { workers, onnx = null } = config;
  const metrics = createIntakeMetrics(dependencies.metrics);
  const pool = createWorkerPool({
    workers,
    startThread: (events) => startDetectionThread(events, undefined, { onnx }),
    onReplaced(reason, detail) {
      metrics.replaced(reason);
      log.warn({ reason, detail }, 'a worker is replaced');
    },
  });
  health.add({
    name: 'detectors',
    check: () => (pool.ready ? { ok: true } : { ok: false, reason: 'not every worker is ready' }),
  });
  let isTaking = false;
  health.add({
    name: 'frames',
    check: () => (isTaking ? { ok: true } : { ok: false, reason: 'frames are not taken yet' }),
  });
  const http = config.aiService
    ? createHttpDetector({
        ...config.aiService,
        log,
        metrics: dependencies.metrics,
        clock: monotonicClock,
        wallClock,
      })
    : null;
  const intake = createFrameIntake({
    bus,
    pool,
    workers,
    ...(config.frameAgeMaxMs === undefined ? {} : { ageMaxMs: config.frameAgeMaxMs }),
    ...(http ? { offerToHttp: http.offer } : {}),
    metrics,
    log,
    clock: monotonicClock,
    wallClock,
  });

  const app = express();
  app.disable('x-powered-by');
  app.use(operationalRoutes({ health, metrics: dependencies.metrics }));
  app.use(
    detectRoutes({
      look: createLookAtSingle(pool, wallClock),
      detectors: onnx ? ['person', 'onnx'] : ['person'],
    }),
  );
  app.use(notFoundHandler());
  app.use(problemHandler({ log }));

  return {
    listen: () =>
      listen(app, {
        host: config.host,
        port: config.port,
        portVariable: 'DETECTION_SERVICE_PORT',
      }),
    /** Looks at frames until the signal; every thread has ended when the promise resolves. */
    async run(signal: AbortSignal): Promise<void> {
      try {
        // What came before they can work would only grow old.
        await Promise.race([pool.started, whenAborted(signal)]);
        if (!signal.aborted) {
          await intake.start();
          isTaking = true;
        }
        await whenAborted(signal);
      } finally {
        isTaking = false;
        await http?.close();
        await intake.stop();
        await pool.close();
      }
    },
  };
}
