import { mediaPath } from '@camplane/contracts/camera-id';
import { openBus } from '@camplane/event-bus/open-bus';
import { tapQuery } from '@camplane/mediamtx/auth-hook';
import { createViewPasses } from '@camplane/mediamtx/view-passes';
import { wallClock } from '@camplane/runtime/clock';
import { runService } from '@camplane/service-kit/run-service';
import { createStreamProxy } from './app.ts';
import { configFrom, environment } from './environment.ts';

runService({
  name: 'stream-proxy',
  environment,
  async start(env, { log, metrics, health, onStop }) {
    const bus = openBus({ env, clientId: 'stream-proxy', log, metrics });
    onStop('event bus', () => bus.close());
    health.add({ name: 'event bus', check: () => bus.health() });
    const config = configFrom(env);
    const passes = createViewPasses(config.secret, wallClock);
    const proxy = await createStreamProxy(config, {
      ...{ bus, log, metrics, health },
      readUrl(cameraId, source) {
        const path = mediaPath(cameraId, source);
        return passes.addTo(`${env.MEDIAMTX_RTSP_URL}/${path}?${tapQuery}`, path);
      },
      // Replicas reach edges only, so each snapshot is taken from a stream.
      tapFrame: () => Promise.resolve(null),
    });
    const server = await proxy.start();
    onStop('stream-proxy', () => server.stop());
    log.info({ url: server.url }, 'stream-proxy is listening');
  },
});
