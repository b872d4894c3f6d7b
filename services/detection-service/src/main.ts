import { openBus } from '@camplane/event-bus/open-bus';
import { runService } from '@camplane/service-kit/run-service';
import { createDetectionService } from './app.ts';
import { configFrom, environment } from './environment.ts';
import { checkModel } from './workers/check-model.ts';

runService({
  name: 'detection-service',
  environment,
  async start(env, { log, metrics, health, onStop, signal, stop }) {
    const config = configFrom(env);
    const bus = openBus({ env, clientId: 'detection-service', log, metrics });
    onStop('event bus', () => bus.close());
    health.add({ name: 'event bus', check: () => bus.health() });
    if (config.onnx) await checkModel(config.onnx);
    const service = createDetectionService(config, { bus, log, metrics, health });
    const running = service.run(signal);
    onStop('detection', () => running);
    running.catch((error: unknown) => {
      log.error({ err: error }, 'frame consumer failed, stopping');
      stop('frame consumer failed');
    });
    const server = await service.listen();
    onStop('http server', () => server.close());
    log.info({ url: server.url }, 'detection-service is listening');
  },
});
