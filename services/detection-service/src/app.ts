import express from 'express';
import type { EventBus } from '@camplane/event-bus/event-bus';
import { whenAborted } from '@camplane/runtime/abort';
import { monotonicClock, wallClock } from '@camplane/runtime/clock';
import type { Health } from '@camplane/service-kit/health';
import { listen } from '@camplane/service-kit/http-server';
import type { Logger } from '@camplane/service-kit/logging';
import type { Metrics } from '@camplane/service-kit/metrics';
import { bearerGuard } from '@camplane/service-kit/bearer-guard';
import { metricsGuard } from '@camplane/service-kit/metrics-access';
import type { MetricsAccess } from '@camplane/service-kit/metrics-access';
import { createRefusals } from '@camplane/service-kit/refusals';
import { loopbackGuard } from '@camplane/service-kit/loopback-guard';
import { operationalRoutes } from '@camplane/service-kit/operational-routes';
import { notFoundHandler, problemHandler } from '@camplane/service-kit/problem-middleware';
import { createImageDetection } from './detect-route/detect-in-image.ts';
import { detectRoutes } from './detect-route/detect-routes.ts';
import { createFrameIntake } from './frames/frame-intake.ts';
import { createIntakeMetrics } from './frames/intake-metrics.ts';
import { createHttpDetector } from './http-detector/http-detector.ts';
import type { OnnxSettings } from './onnx/load-model.ts';
import { startDetectionThread } from './workers/detection-thread.ts';
import { createWorkerPool } from './workers/worker-pool.ts';

export type DetectionServiceConfig = {
  host: string;
  port: number;
  /** Bearer token of `POST /detect`; absent: every caller may use it on loopback, and none elsewhere. */
  detectToken?: string;
  /** Who reads `/metrics`. */
  metrics?: MetricsAccess;
  /** Maximum number of worker threads. */
  workers: number;
  /** A worker thread without frames for this long is stopped. */
  workerIdleMs?: number;
  /** Start the workers before consuming frames, so that readiness proves that detectors load. True by default. */
  warmUp?: boolean;
  /** Older frames are skipped. */
  frameAgeMaxMs?: number;
  /** The service behind the detector `http`; absent: the detector finds nothing. */
  aiService?: { url: string; token?: string; timeoutMs: number };
  /** The model of the detector `onnx`; see `checkModel`. */
  onnx?: OnnxSettings;
};

/** detection-service, in a separate process or together with other services. */
export function createDetectionService(
  config: DetectionServiceConfig,
  dependencies: { bus: EventBus; log: Logger; metrics: Metrics; health: Health },
) {
  const { bus, log, health } = dependencies;
  const { workers, onnx = null } = config;
  const metrics = createIntakeMetrics(dependencies.metrics);
  const pool = createWorkerPool({
    workers,
    ...(config.workerIdleMs === undefined ? {} : { limits: { idleMaxMs: config.workerIdleMs } }),
    startThread: (events) => startDetectionThread(events, undefined, onnx),
    onReplaced(reason, detail) {
      metrics.replaced(reason);
      log.warn({ reason, detail }, 'replacing detection worker');
    },
  });
  health.add({
    name: 'detectors',
    check: () => (pool.healthy ? { ok: true } : { ok: false, reason: 'a worker failed and is restarting' }),
  });
  let isConsuming = false;
  health.add({
    name: 'frames',
    check: () => (isConsuming ? { ok: true } : { ok: false, reason: 'not consuming frames yet' }),
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
  app.use(loopbackGuard(config.host));
  const { host, metrics: metricsAccess = {}, detectToken: secret = null } = config;
  const refusals = createRefusals({ log, metrics: dependencies.metrics, clock: monotonicClock });
  const guardMetrics = metricsGuard(host, metricsAccess, refusals);
  app.use(operationalRoutes({ health, metrics: dependencies.metrics, guardMetrics }));
  app.use(
    '/detect',
    bearerGuard({ endpoint: 'detect', host, secret, variable: 'DETECTION_SERVICE_TOKEN', refusals }),
  );
  app.use(
    detectRoutes({
      detect: createImageDetection(pool, wallClock),
      detectors: onnx ? ['person', 'onnx'] : ['person'],
    }),
  );
  app.use(notFoundHandler());
  app.use(problemHandler({ log }));

  return {
    listen: () =>
      listen(app, { host: config.host, port: config.port, portVariable: 'DETECTION_SERVICE_PORT' }),
    /** Processes frames until the signal. Every thread has exited when the promise resolves. */
    async run(signal: AbortSignal): Promise<void> {
      try {
        if (config.warmUp !== false) {
          const capabilities = onnx ? (['opencv', 'model'] as const) : (['opencv'] as const);
          await Promise.race([pool.warmUp(capabilities), whenAborted(signal)]);
        }
        if (!signal.aborted) {
          await intake.start();
          isConsuming = true;
        }
        await whenAborted(signal);
      } finally {
        isConsuming = false;
        await http?.close();
        await intake.stop();
        await pool.close();
      }
    },
  };
}
