import { openBus } from '@camplane/event-bus/open-bus';
import { viewerAddresses } from '@camplane/mediamtx/viewer-addresses';
import { runService } from '@camplane/service-kit/run-service';
import { createCameraService } from './app.ts';
import { environment } from './environment.ts';
import { createFileFeed } from './file-feed.ts';

runService({
  name: 'camera-service',
  environment,
  async start(config, { log, metrics, health, onStop, signal }) {
    const feed = createFileFeed({
      file: config.CAMPLANE_CAMERAS_FILE,
      credentialsFolder: config.CAMPLANE_CREDENTIALS_DIR,
      onInvalid: (message) => log.error({ file: config.CAMPLANE_CAMERAS_FILE }, message),
    });
    const bus = openBus({ KAFKA_BROKERS: config.KAFKA_BROKERS, clientId: 'camera-service', log, metrics });
    onStop('event bus', () => bus.close());
    // Shown, not required: video does not wait for a broker, and viewers must not be sent away because of one.
    health.add({ name: 'event bus', advisory: true, check: () => bus.health() });
    health.add({ name: 'cameras file', check: () => readinessOf(feed.trouble()) });
    const service = await createCameraService(
      {
        host: config.CAMERA_SERVICE_HOST,
        port: config.CAMERA_SERVICE_PORT,
        ffmpeg: { configured: config.FFMPEG_BIN, searchPath: config.PATH },
        mediaFolder: config.CAMPLANE_MEDIA_DIR,
        dataFolder: config.DATA_DIR,
        maxFps: config.MAX_FPS,
        startsPerSecond: config.CAMPLANE_STARTS_PER_SECOND,
        readiness: 'cameras',
        mediaMtx: {
          apiUrl: config.MEDIAMTX_API_URL,
          apiCredentials: null,
          rtspUrl: config.MEDIAMTX_RTSP_URL,
        },
        addresses: viewerAddresses(config),
      },
      { feed, bus, log, metrics, health },
    );
    const server = await service.listen();
    onStop('http server', () => server.close());
    const running = Promise.all([service.run(signal), feed.run(signal)]);
    onStop('cameras', async () => {
      await running;
    });
    log.info({ url: server.url }, 'camera-service listens');
  },
});

function readinessOf(trouble: string | null) {
  return trouble === null ? ({ ok: true } as const) : ({ ok: false, reason: trouble } as const);
}
