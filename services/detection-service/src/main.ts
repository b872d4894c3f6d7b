import { openBus } from '@camplane/event-bus/open-bus';
import { runService } from '@camplane/service-kit/run-service';
import { createDetectionService } from './app.ts';
import { detectorSettings } from './detector-settings.ts';
import { defaultWorkers, environment } from './environment.ts';
import { checkModel } from './workers/check-model.ts';

runService({
  name: 'detection-service',
  environment,
  async start(config, { log, metrics, health, onStop, signal, stop }) {
    const bus = openBus({ KAFKA_BROKERS: config.KAFKA_BROKERS, clientId: 'detection-service', log, metrics });
    onStop('event bus', () => bus.close());
    health.add({ name: 'event bus', check: () => bus.health() });
    const detectors = detectorSettings(config);
    if (detectors.onnx) await checkModel(detectors.onnx);
    const service = createDetectionService(
      {
        host: config.DETECTION_SERVICE_HOST,
        port: config.DETECTION_SERVICE_PORT,
        workers: config.DETECTION_WORKERS ?? defaultWorkers(),
        frameAgeMaxMs: config.DETECTION_FRAME_MAX_AGE,
        ...detectors,
      },
      { bus, log, metrics, health },
    );
    const running = service.run(signal);
    onStop('detection', () => running);
    running.catch((error: unknown) => {
      log.error({ err: error }, 'frames cannot be taken');
      stop('frames cannot be taken');
    });
    const server = await service.listen();
    onStop('http server', () => server.close());
    log.info({ url: server.url }, 'detection-service listens');
  },
});
