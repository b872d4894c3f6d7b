import { fileURLToPath } from 'node:url';
import { createControlApi } from '@camplane/control-api/app';
import type { ControlApi } from '@camplane/control-api/app';
import { configFrom } from '@camplane/control-api/environment';
import type { EventBus } from '@camplane/event-bus/event-bus';
import type { ServiceTools } from '@camplane/service-kit/run-service';
import { monotonicClock, wallClock } from '@camplane/runtime/clock';
import type { Addresses } from './addresses.ts';
import type { StandaloneEnvironment } from './environment.ts';

const dashboardFolder = fileURLToPath(new URL('../../dashboard/dist', import.meta.url));

export async function startControlApi(
  env: StandaloneEnvironment,
  {
    addresses,
    bus,
    cameraServiceUrl,
    streamProxy,
  }: {
    addresses: Addresses;
    bus: EventBus;
    cameraServiceUrl: string;
    streamProxy: { url: string; secret: string };
  },
  { log, metrics, health, onStop, signal }: ServiceTools,
): Promise<Pick<ControlApi, 'registry' | 'gate' | 'welcomeToken'> & { url: string; port: number }> {
  const api = createControlApi(
    configFrom({
      ...env,
      CAMERA_SERVICE_URL: cameraServiceUrl,
      CAMERA_SERVICE_PASSWORD: addresses.cameraServicePasswords.controlApi,
      CAMERA_SERVICE_PREVIOUS_PASSWORD: undefined,
      CAMERA_URL: undefined,
      STREAM_PROXY_URL: streamProxy.url,
      STREAM_PROXY_SECRET: streamProxy.secret,
      DASHBOARD_DIR: dashboardFolder,
      CAMPLANE_MEDIA_ORIGINS: addresses.mediaOrigins,
      MEDIA_API_PASSWORD: addresses.mediaMtx.apiCredentials.password,
      MEDIA_API_URLS: [addresses.mediaMtx.apiUrl],
      MEDIA_HOOK_PASSWORD: undefined,
      MEDIA_HOOK_PORT: undefined,
      MEDIA_WEBRTC_URL: addresses.mediaMtx.webrtcUrl,
      MEDIA_CERT_FILE: env.TLS_CERT_FILE,
    }),
    {
      bus,
      busKeepsMessages: env.KAFKA_BROKERS !== undefined,
      log,
      clock: monotonicClock,
      wallClock,
      metrics,
      health,
      signal,
    },
  );
  onStop('control-api', () => api.stop());
  const { url, port } = await api.start();
  return { registry: api.registry, gate: api.gate, welcomeToken: api.welcomeToken, url, port };
}
