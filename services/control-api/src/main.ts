import { openBus } from '@camplane/event-bus/open-bus';
import { runService } from '@camplane/service-kit/run-service';
import { createControlApi } from './app.ts';
import { clusterFrom } from './cluster.ts';
import { configFrom, environment } from './environment.ts';

runService({
  name: 'control-api',
  environment,
  start: async (values, { log, metrics, health, onStop, signal }) => {
    const bus = openBus({ KAFKA_BROKERS: values.KAFKA_BROKERS, clientId: 'control-api', log, metrics });
    onStop('event bus', () => bus.close());
    health.add({ name: 'event bus', check: () => bus.health() });
    const cluster = clusterFrom(values);
    if (cluster) onStop('connections to the cluster', () => cluster.api.close());
    const api = createControlApi(configFrom(values), {
      ...(cluster === undefined ? {} : { cluster }),
      bus,
      busKeepsMessages: values.KAFKA_BROKERS !== undefined,
      log,
      metrics,
      health,
      signal,
      clock: { now: Date.now },
    });
    onStop('control-api', () => api.stop());
    const { url } = await api.start();
    log.info({ url }, 'control-api listens');
  },
});
