import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCameraService } from '@camplane/camera-service/app';
import type { CameraFeed } from '@camplane/camera-service/camera-feed';
import { createControlApi } from '@camplane/control-api/app';
import { createDetectionService } from '@camplane/detection-service/app';
import { detectorSettings } from '@camplane/detection-service/detector-settings';
import { defaultWorkers } from '@camplane/detection-service/environment';
import { checkModel } from '@camplane/detection-service/workers/check-model';
import { openBus } from '@camplane/event-bus/open-bus';
import { createMediaMtxApi } from '@camplane/mediamtx/api-client';
import { mediaServerConfiguration } from '@camplane/mediamtx/configuration';
import { findMediaMtx } from '@camplane/mediamtx/find-mediamtx';
import { onAbort } from '@camplane/runtime/abort';
import type { EnvironmentValues } from '@camplane/service-kit/environment';
import { createHealth } from '@camplane/service-kit/health';
import { createMetrics } from '@camplane/service-kit/metrics';
import type { ServiceTools } from '@camplane/service-kit/run-service';
import { realClock } from '@camplane/runtime/clock';
import { beginDemoCamera } from './demo-camera.ts';
import type { environment } from './environment.ts';
import { superviseMediaServer } from './media-server.ts';

const dashboardFolder = fileURLToPath(new URL('../../dashboard/dist', import.meta.url));

/**
 * Starts every service in this process, in the order in which they need one another, and registers each with
 * `onStop` as soon as there is something to stop. Resolves when the API listens; readiness follows.
 */
export async function startStandalone(
  config: EnvironmentValues<typeof environment>,
  tools: ServiceTools,
): Promise<{ url: string }> {
  const { log, health, onStop, signal } = tools;
  await mkdir(config.DATA_DIR, { recursive: true });
  const mediaMtx = await findMediaMtx({
    configured: config.MEDIAMTX_BIN,
    searchPath: config.PATH,
    startFolder: process.cwd(),
  });
  signal.throwIfAborted();

  const bus = openBus({
    KAFKA_BROKERS: config.KAFKA_BROKERS,
    clientId: 'camplane',
    log,
    metrics: tools.metrics,
  });
  onStop('event bus', () => bus.close());
  health.add({ name: 'event bus', check: () => bus.health() });

  const mediaMtxUrl = `http://127.0.0.1:${config.MEDIAMTX_API_PORT}`;
  const publicHost = config.CAMPLANE_PUBLIC_HOST;
  const apiCredentials = {
    username: 'camplane',
    password: config.MEDIAMTX_API_PASSWORD ?? randomBytes(24).toString('base64url'),
  };
  // camera-service hears of cameras once the API's registry is there; until then it only listens.
  const feed: CameraFeed = {
    list: () => api.registry.list(),
    subscribe: (listener) => api.registry.subscribe(listener),
  };
  const cameras = await createCameraService(
    {
      host: '127.0.0.1',
      port: config.CAMERA_SERVICE_PORT,
      ffmpeg: { configured: config.FFMPEG_BIN, searchPath: config.PATH },
      mediaFolder: config.CAMPLANE_MEDIA_DIR,
      dataFolder: config.DATA_DIR,
      maxFps: config.MAX_FPS,
      startsPerSecond: config.CAMPLANE_STARTS_PER_SECOND,
      readiness: 'media-server',
      mediaMtx: {
        apiUrl: mediaMtxUrl,
        apiCredentials,
        rtspUrl: `rtsp://127.0.0.1:${config.RTSP_PORT}`,
      },
      addresses: {
        rtsp: `rtsp://${publicHost}:${config.RTSP_PORT}`,
        hls: `http://${publicHost}:${config.HLS_PORT}`,
        webrtc: `http://${publicHost}:${config.WEBRTC_PORT}`,
      },
    },
    { feed, bus, log, metrics: createMetrics('camera-service', { processMetrics: false }), health },
  );
  const cameraServer = await cameras.listen();
  onStop('camera-service http', () => cameraServer.close());

  const detectors = detectorSettings(config);
  if (detectors.onnx) await checkModel(detectors.onnx);
  const api = createControlApi(
    {
      host: config.HTTP_HOST,
      port: config.HTTP_PORT,
      ...(config.DATABASE_URL === undefined ? {} : { databaseUrl: config.DATABASE_URL }),
      dataDir: config.DATA_DIR,
      ...(config.FRAME_STORAGE_PATH === undefined ? {} : { frameStoragePath: config.FRAME_STORAGE_PATH }),
      frameRetentionDays: config.FRAME_RETENTION_DAYS,
      frameStorageMaxBytes: config.FRAME_STORAGE_MAX_BYTES,
      detectionRetentionDays: config.DETECTION_RETENTION_DAYS,
      cameraServiceUrl: cameraServer.url,
      dashboardDir: dashboardFolder,
      maxCameras: config.CAMPLANE_MAX_CAMERAS,
      allowedOrigins: config.CAMPLANE_ALLOWED_ORIGINS ?? [],
      allowedHosts: config.CAMPLANE_ALLOWED_HOSTS ?? [],
      mediaOrigins: mediaOrigins(publicHost, [config.HLS_PORT, config.WEBRTC_PORT]),
    },
    {
      bus,
      busKeepsMessages: config.KAFKA_BROKERS !== undefined,
      log,
      clock: realClock,
      metrics: tools.metrics,
      health,
      signal,
    },
  );
  onStop('control-api', () => api.stop());
  const { url, port } = await api.start();
  signal.throwIfAborted();

  // Not sooner: its workers would compete with the database for the processors, and that one blocks the process.
  const detection = createDetectionService(
    {
      host: '127.0.0.1',
      port: config.DETECTION_SERVICE_PORT,
      workers: config.DETECTION_WORKERS ?? defaultWorkers(),
      frameAgeMaxMs: config.DETECTION_FRAME_MAX_AGE,
      ...detectors,
    },
    {
      bus,
      log,
      metrics: createMetrics('detection-service', { processMetrics: false }),
      // Its own: cameras can be watched while its workers are still loading.
      health: createHealth(),
    },
  );
  const detectionServer = await detection.listen();
  onStop('detection-service http', () => detectionServer.close());
  const detecting = detection.run(signal).catch((error: unknown) => {
    if (!signal.aborted) log.error({ err: error }, 'frames cannot be taken: there will be no detections');
  });
  onStop('detection-service', () => detecting);

  const demo = config.DEMO_CAMERA
    ? beginDemoCamera({ registry: api.registry, dataFolder: config.DATA_DIR, log, signal })
    : undefined;
  if (demo) onStop('demonstration camera', () => demo.stop());

  const configurationFile = join(config.DATA_DIR, 'mediamtx.json');
  await writeFile(
    configurationFile,
    mediaServerConfiguration({
      host: config.MEDIA_HOST,
      ports: {
        rtsp: config.RTSP_PORT,
        hls: config.HLS_PORT,
        webrtc: config.WEBRTC_PORT,
        webrtcUdp: config.WEBRTC_MEDIA_PORT,
        api: config.MEDIAMTX_API_PORT,
        metrics: null,
      },
      authUrl: `${cameraServer.url}/mediamtx/auth`,
      controlAccess: 'hook',
      logLevel: 'info',
      allowOrigins: pageOrigins(publicHost, port, config.CAMPLANE_ALLOWED_ORIGINS ?? []),
      // In a container loopback is the host's, published to it, and none of its own interfaces is reached.
      additionalHosts: isLoopback(publicHost) && config.MEDIA_HOST === '127.0.0.1' ? [] : [publicHost],
    }),
    { mode: 0o600 },
  );
  const mediaServer = superviseMediaServer({
    binary: mediaMtx,
    configurationFile,
    portUses: {
      [config.RTSP_PORT]: { use: 'RTSP', variable: 'RTSP_PORT' },
      [config.HLS_PORT]: { use: 'HLS', variable: 'HLS_PORT' },
      [config.WEBRTC_PORT]: { use: 'WebRTC', variable: 'WEBRTC_PORT' },
      [config.WEBRTC_MEDIA_PORT]: { use: 'WebRTC media', variable: 'WEBRTC_MEDIA_PORT' },
      [config.MEDIAMTX_API_PORT]: { use: 'control API', variable: 'MEDIAMTX_API_PORT' },
    },
    api: createMediaMtxApi({ baseUrl: mediaMtxUrl, credentials: apiCredentials }),
    rtspPort: config.RTSP_PORT,
    log,
    // A restarted MediaMTX has forgotten its paths: they are pushed now, not at the next poll.
    onReady: () => cameras.mediaServerReady(),
  });
  onStop('MediaMTX', () => mediaServer.stop());
  const removeListener = onAbort(signal, () => void mediaServer.stop());
  await mediaServer.started.finally(removeListener);
  signal.throwIfAborted();

  // Its address of this run is in the registry before the cameras run.
  await demo?.settled;
  signal.throwIfAborted();

  const running = cameras.run(signal);
  onStop('cameras', () => running);
  return { url };
}

function isLoopback(host: string): boolean {
  return host === '127.0.0.1' || host === 'localhost';
}

/** A host under every name by which a page on this machine may say it. */
function namesOf(host: string): string[] {
  return isLoopback(host) ? ['127.0.0.1', 'localhost'] : [host, '127.0.0.1', 'localhost'];
}

function mediaOrigins(host: string, ports: readonly number[]): string[] {
  return namesOf(host).flatMap((name) => ports.map((port) => `http://${name}:${port}`));
}

/** Origins of the dashboard's page, which may play from MediaMTX. */
function pageOrigins(host: string, port: number, allowed: readonly string[]): string[] {
  return [...namesOf(host).map((name) => `http://${name}:${port}`), ...allowed];
}
