import { openBus } from '@camplane/event-bus/open-bus';
import { monotonicClock, wallClock } from '@camplane/runtime/clock';
import { runService } from '@camplane/service-kit/run-service';
import { warnIfPlainText } from './access/plain-text.ts';
import { createControlApi } from './app.ts';
import { clusterFrom } from './cluster.ts';
import { configFrom, environment } from './environment.ts';

runService({
  name: 'control-api',
  environment,
  start: async (env, { log, metrics, health, onStop, signal }) => {
    warnIfPlainText(env, log);
    const bus = openBus({ env, clientId: 'control-api', log, metrics });
    onStop('event bus', () => bus.close());
    health.add({ name: 'event bus', check: () => bus.health() });
    const cluster = clusterFrom(env);
    if (cluster) onStop('cluster connections', () => cluster.api.close());
    const api = createControlApi(configFrom(env), {
      ...(cluster === undefined ? {} : { cluster }),
      bus,
      busKeepsMessages: env.KAFKA_BROKERS !== undefined,
      log,
      metrics,
      health,
      signal,
      clock: monotonicClock,
      wallClock,
    });
    onStop('control-api', () => api.stop());
    const { url } = await api.start();
    log.info({ url }, 'control-api is listening');
  },
});
