import { mkdir } from 'node:fs/promises';
import type { CameraFeed } from '@camplane/camera-service/camera-feed';
import { openBus } from '@camplane/event-bus/open-bus';
import type { EventBus } from '@camplane/event-bus/event-bus';
import type { ReaderGate } from '@camplane/mediamtx/reader-gate';
import type { ServiceTools } from '@camplane/service-kit/run-service';
import { requireLoopback } from '@camplane/control-api/access/require-loopback';
import { addressesFrom } from './addresses.ts';
import { startCameraService } from './camera-service.ts';
import { startControlApi } from './control-api.ts';
import { startDemoCamera } from './demo-camera.ts';
import { loadDetectionConfig, startDetectionService } from './detection-service.ts';
import type { StandaloneEnvironment } from './environment.ts';
import { findMediaServer, startMediaServer } from './media-server.ts';
import { plainTextListeners } from './plain-text-listeners.ts';
import { startStreamProxy } from './stream-proxy.ts';

/**
 * Starts every service in this process, each after the services that it depends on. Resolves when the API is
 * listening and the cameras are starting.
 */
export async function startStandalone(
  env: StandaloneEnvironment,
  tools: ServiceTools,
): Promise<{ url: string; welcomeToken: string | null }> {
  const { signal } = tools;
  checkListenAddresses(env, tools);
  await mkdir(env.DATA_DIR, { recursive: true });
  const binary = await findMediaServer(env);
  const detectionConfig = await loadDetectionConfig(env);
  signal.throwIfAborted();
  const addresses = addressesFrom(env);
  const bus = startBus(env, tools);

  // camera-service does not read the feed before `runCameras`, when control-api has started.
  const feed: CameraFeed = {
    list: () => api.registry.list(),
    subscribe: (listener) => api.registry.subscribe(listener),
  };
  // MediaMTX, which asks it, starts after control-api.
  const gate: ReaderGate = { admit: (request) => api.gate.admit(request) };
  const cameras = await startCameraService(env, { addresses, bus, feed, gate }, tools);
  await startDetectionService(detectionConfig, { bus }, tools);
  const streamProxy = await startStreamProxy(
    env,
    { bus, cameras, cameraServicePassword: addresses.cameraServicePasswords.streamProxy },
    tools,
  );
  const api = await startControlApi(
    env,
    { addresses, bus, cameraServiceUrl: cameras.url, streamProxy },
    tools,
  );
  cameras.reservePort(api.port);
  signal.throwIfAborted();

  const demo = env.DEMO_CAMERA
    ? startDemoCamera({ registry: api.registry, dataFolder: env.DATA_DIR }, tools)
    : null;
  await startMediaServer(
    env,
    {
      binary,
      addresses,
      authUrl: cameras.authUrl,
      pagePort: api.port,
      onReady: () => cameras.mediaServerReady(),
    },
    tools,
  );
  signal.throwIfAborted();

  // Its address changes with every start, and must be in the registry before the cameras start.
  await demo;
  signal.throwIfAborted();
  cameras.runCameras();
  return { url: api.url, welcomeToken: api.welcomeToken() };
}

/** @throws StartupError for an address that others can reach while everything is allowed */
function checkListenAddresses(env: StandaloneEnvironment, { log }: ServiceTools): void {
  if (env.CAMPLANE_AUTH === 'none') {
    requireLoopback('HTTP_HOST', env.HTTP_HOST);
    requireLoopback('MEDIA_HOST', env.MEDIA_HOST);
  }
  const open = plainTextListeners(env);
  if (open) log.warn({ listeners: open.listeners }, open.message);
}

function startBus(env: StandaloneEnvironment, { log, metrics, health, onStop }: ServiceTools): EventBus {
  const bus = openBus({ env, clientId: 'camplane', log, metrics });
  onStop('event bus', () => bus.close());
  health.add({ name: 'event bus', check: () => bus.health() });
  return bus;
}
