import type { StreamQuality } from '@camplane/contracts/camera-id';
import type { JpegQuality } from '@camplane/contracts/jpeg-stream';
import type { EventBus } from '@camplane/event-bus/event-bus';
import { findFfmpeg } from '@camplane/ffmpeg/find-ffmpeg';
import type { FfmpegLimits } from '@camplane/ffmpeg/process-limits';
import { monotonicClock, wallClock } from '@camplane/runtime/clock';
import { listen } from '@camplane/service-kit/http-server';
import type { Health } from '@camplane/service-kit/health';
import type { Logger } from '@camplane/service-kit/logging';
import type { Metrics } from '@camplane/service-kit/metrics';
import { metricsGuard } from '@camplane/service-kit/metrics-access';
import type { MetricsAccess } from '@camplane/service-kit/metrics-access';
import { createRefusals } from '@camplane/service-kit/refusals';
import { loopbackGuard } from '@camplane/service-kit/loopback-guard';
import { operationalRoutes } from '@camplane/service-kit/operational-routes';
import { notFoundHandler, problemHandler } from '@camplane/service-kit/problem-middleware';
import express from 'express';
import { createClientSlots } from './clients/client-slots.ts';
import { streamRoutes } from './http/stream-routes.ts';
import { createStreamUpgrade } from './http/stream-upgrade.ts';
import type { TapFrame } from './snapshots/take-snapshot.ts';
import { createStreamMetrics } from './stream-metrics.ts';
import { followStatus } from './streams/follow-status.ts';
import type { StatusFollower } from './streams/follow-status.ts';
import { createStreamPool } from './streams/stream-pool.ts';

export type StreamProxyConfig = {
  host: string;
  port: number;
  /** Presented by control-api with every request. */
  secret: string;
  /** Who reads `/metrics`. */
  metrics?: MetricsAccess;
  ffmpeg: Parameters<typeof findFfmpeg>[0];
  ffmpegLimits: FfmpegLimits;
  defaultQuality: JpegQuality;
  /** Frames kept of each stream. */
  framesMax: number;
  /** Running streams, one for each camera and quality. */
  streamsMax: number;
  clientsMax: number;
};

export type StreamProxyDependencies = {
  bus: EventBus;
  /** RTSP address of a stream of a camera, for one connection. */
  readUrl(cameraId: string, source: StreamQuality): string;
  tapFrame: TapFrame;
  log: Logger;
  metrics: Metrics;
  health: Health;
};

/** stream-proxy: live JPEG of cameras, in its own process or in `standalone`. */
export async function createStreamProxy(config: StreamProxyConfig, dependencies: StreamProxyDependencies) {
  const { bus, log, health } = dependencies;
  const { ffmpegPath } = await findFfmpeg(config.ffmpeg);
  const metrics = createStreamMetrics(dependencies.metrics);
  const clock = monotonicClock;
  let statuses: StatusFollower | null = null;
  const pool = createStreamPool(config, {
    ...{ ffmpegPath, ffmpegLimits: config.ffmpegLimits, clock, wallClock, log, metrics, random: Math.random },
    readUrl: dependencies.readUrl,
    status: (cameraId) => statuses?.get(cameraId),
    framesMax: config.framesMax,
  });
  const refusals = createRefusals({ log, metrics: dependencies.metrics, clock });
  const shared = {
    ...{ pool, metrics, clock, wallClock, refusals },
    secret: config.secret,
    defaultQuality: config.defaultQuality,
    clients: createClientSlots(config.clientsMax, metrics),
    tapFrame: dependencies.tapFrame,
  };
  const upgrade = createStreamUpgrade(shared);
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(loopbackGuard(config.host));
  const guardMetrics = metricsGuard(config.host, config.metrics ?? {}, refusals);
  app.use(operationalRoutes({ health, metrics: dependencies.metrics, guardMetrics }));
  app.use(streamRoutes(shared));
  app.use(notFoundHandler());
  app.use(problemHandler({ log }));

  return {
    /** Follows the status of the cameras and starts the HTTP server. */
    async start() {
      statuses = await followStatus(bus, (cameraId) => pool.statusChanged(cameraId));
      const server = await listen(app, {
        ...{ host: config.host, port: config.port, portVariable: 'STREAM_PROXY_PORT' },
        onUpgrade: upgrade.onUpgrade,
      });
      return {
        url: server.url,
        port: server.port,
        /** Disconnects every client; no process is left when it resolves. */
        async stop() {
          await upgrade.close();
          await Promise.all([server.close(), pool.stop(), statuses?.close()]);
        },
      };
    },
  };
}
