import { openBus } from '@camplane/event-bus/open-bus';
import { runService } from '@camplane/service-kit/run-service';
import { createCameraService } from './app.ts';
import { configFrom, environment } from './environment.ts';
import { createFileFeed } from './file-feed.ts';

runService({
  name: 'camera-service',
  environment,
  async start(env, { log, metrics, health, onStop, signal }) {
    const feed = createFileFeed({
      file: env.CAMPLANE_CAMERAS_FILE,
      credentialsFolder: env.CAMPLANE_CREDENTIALS_DIR,
      onInvalid: (reason) =>
        log.error(
          { file: env.CAMPLANE_CAMERAS_FILE, reason },
          'loading cameras failed, keeping the current ones',
        ),
    });
    const bus = openBus({ env, clientId: 'camera-service', log, metrics });
    onStop('event bus', () => bus.close());
    // Advisory: video does not depend on the broker, so viewers must not be turned away when it is down.
    health.add({ name: 'event bus', advisory: true, check: () => bus.health() });
    health.add({ name: 'cameras file', check: () => readinessOf(feed.loadError()) });
    const service = await createCameraService(configFrom(env), { feed, bus, log, metrics, health });
    const server = await service.listen();
    onStop('http server', () => server.close());
    const running = Promise.all([service.run(signal), feed.run(signal)]);
    onStop('cameras', async () => {
      await running;
    });
    log.info({ url: server.url }, 'camera-service is listening');
  },
});

function readinessOf(error: string | null) {
  return error === null ? ({ ok: true } as const) : ({ ok: false, reason: error } as const);
}
