import { mediaPath } from '@camplane/contracts/camera-id';
import { openBus } from '@camplane/event-bus/open-bus';
import { runService } from '@camplane/service-kit/run-service';
import { createStreamProxy } from './app.ts';
import { configFrom, environment } from './environment.ts';
import { cameraServiceFrame } from './snapshots/camera-service-frame.ts';

runService({
  name: 'stream-proxy',
  environment,
  async start(env, { log, metrics, health, onStop }) {
    const bus = openBus({ env, clientId: 'stream-proxy', log, metrics });
    onStop('event bus', () => bus.close());
    health.add({ name: 'event bus', check: () => bus.health() });
    const proxy = await createStreamProxy(configFrom(env), {
      ...{ bus, log, metrics, health },
      readUrl: (cameraId) => `${env.MEDIAMTX_RTSP_URL}/${mediaPath(cameraId, 'main')}`,
      tapFrame: cameraServiceFrame(env.CAMERA_SERVICE_URL, env.CAMERA_SERVICE_PASSWORD),
    });
    const server = await proxy.start();
    onStop('stream-proxy', () => server.stop());
    log.info({ url: server.url }, 'stream-proxy is listening');
  },
});
