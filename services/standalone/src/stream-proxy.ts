import { randomBytes } from 'node:crypto';
import type { StreamQuality } from '@camplane/contracts/camera-id';
import type { EventBus } from '@camplane/event-bus/event-bus';
import { createHealth } from '@camplane/service-kit/health';
import { createMetrics } from '@camplane/service-kit/metrics';
import type { ServiceTools } from '@camplane/service-kit/run-service';
import { createStreamProxy } from '@camplane/stream-proxy/app';
import { configFrom } from '@camplane/stream-proxy/environment';
import { cameraServiceFrame } from '@camplane/stream-proxy/snapshots/camera-service-frame';
import type { StandaloneEnvironment } from './environment.ts';

/** Starts stream-proxy on loopback. Its secret is new with each start: only control-api in this process has it. */
export async function startStreamProxy(
  env: StandaloneEnvironment,
  {
    bus,
    cameras,
    cameraServicePassword,
  }: {
    bus: EventBus;
    cameraServicePassword: string;
    cameras: {
      url: string;
      viewUrl(cameraId: string, source: StreamQuality): string;
      reservePort(port: number): void;
    };
  },
  { log, onStop }: ServiceTools,
): Promise<{ url: string; secret: string }> {
  const secret = randomBytes(32).toString('base64url');
  const proxy = await createStreamProxy(
    configFrom({ ...env, STREAM_PROXY_HOST: '127.0.0.1', STREAM_PROXY_SECRET: secret }),
    {
      bus,
      log,
      metrics: createMetrics('stream-proxy', { processMetrics: false }),
      // Not the health of the process: cameras can be watched without it.
      health: createHealth(),
      readUrl: (cameraId, source) => cameras.viewUrl(cameraId, source),
      tapFrame: cameraServiceFrame(cameras.url, [cameraServicePassword]),
    },
  );
  const server = await proxy.start();
  onStop('stream-proxy', () => server.stop());
  cameras.reservePort(server.port);
  return { url: server.url, secret };
}
