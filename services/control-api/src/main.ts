import { createMemoryBus } from '@camplane/event-bus/memory-bus';
import { runService } from '@camplane/service-kit/run-service';
import { createControlApi } from './app.ts';
import { configFrom, environment } from './environment.ts';

const busMaxPending = 1000;

runService({
  name: 'control-api',
  environment,
  start: async (values, { log, metrics, health, onStop }) => {
    const bus = createMemoryBus({ maxPending: busMaxPending, log });
    onStop('event bus', () => bus.close());
    const api = createControlApi(configFrom(values), { bus, log, metrics, health, clock: { now: Date.now } });
    onStop('control-api', () => api.stop());
    const { url } = await api.start();
    log.info({ url }, 'control-api listens');
  },
});
