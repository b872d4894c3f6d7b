import { randomBytes } from 'node:crypto';
import { createCameraService } from '@camplane/camera-service/app';
import type { CameraFeed } from '@camplane/camera-service/camera-feed';
import { configFrom } from '@camplane/camera-service/environment';
import type { EventBus } from '@camplane/event-bus/event-bus';
import { hookUrl } from '@camplane/mediamtx/hook-callers';
import type { ReaderGate } from '@camplane/mediamtx/reader-gate';
import { createMetrics } from '@camplane/service-kit/metrics';
import type { ServiceTools } from '@camplane/service-kit/run-service';
import type { Addresses } from './addresses.ts';
import type { StandaloneEnvironment } from './environment.ts';

/** Starts camera-service's HTTP server, so that MediaMTX can use its auth hook. Cameras start with `runCameras`. */
export async function startCameraService(
  env: StandaloneEnvironment,
  { addresses, bus, feed, gate }: { addresses: Addresses; bus: EventBus; feed: CameraFeed; gate: ReaderGate },
  { log, health, onStop, signal }: ServiceTools,
) {
  const { mediaMtx, viewers } = addresses;
  const config = configFrom({
    ...env,
    CAMERA_SERVICE_HOST: '127.0.0.1',
    CONTROL_API_PASSWORD: addresses.cameraServicePasswords.controlApi,
    CAMERA_SERVICE_SHARED_PASSWORD: undefined,
    MEDIAMTX_API_URL: mediaMtx.apiUrl,
    MEDIAMTX_RTSP_URL: mediaMtx.rtspUrl,
    MEDIAMTX_READ_PASSWORD: undefined,
    CAMPLANE_PUBLIC_RTSP_URL: viewers.rtsp,
    CAMPLANE_PUBLIC_HLS_URL: viewers.hls,
    CAMPLANE_PUBLIC_WEBRTC_URL: viewers.webrtc,
  });
  const mediaPorts = [env.HLS_PORT, env.WEBRTC_PORT, env.WEBRTC_MEDIA_PORT];
  const servicePorts = [env.HTTP_PORT, env.DETECTION_SERVICE_PORT, env.STREAM_PROXY_PORT];
  for (const port of [...mediaPorts, ...servicePorts]) config.ownPorts.add(port);
  // MediaMTX, a child of this process, reads it from its configuration file.
  const hookPassword = randomBytes(24).toString('base64url');
  const cameras = await createCameraService(
    {
      ...config,
      callers: {
        ...config.callers,
        passwords: {
          ...config.callers.passwords,
          'stream-proxy': addresses.cameraServicePasswords.streamProxy,
        },
      },
      mediaMtx: { ...config.mediaMtx, apiCredentials: mediaMtx.apiCredentials, hookPassword },
      readiness: 'media-server',
    },
    { feed, bus, gate, log, metrics: createMetrics('camera-service', { processMetrics: false }), health },
  );
  const server = await cameras.listen();
  onStop('camera-service http', () => server.close());
  return {
    url: server.url,
    authUrl: hookUrl(`${server.url}/mediamtx/auth`, hookPassword),
    viewUrl: cameras.viewUrl,
    /** No camera is at this port of Camplane. */
    reservePort: (port: number) => void config.ownPorts.add(port),
    /** A restarted MediaMTX has lost its paths: push them now instead of at the next poll. */
    mediaServerReady: () => cameras.mediaServerReady(),
    runCameras(): void {
      const running = cameras.run(signal);
      onStop('cameras', () => running);
    },
  };
}
