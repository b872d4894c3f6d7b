import { kafkaSecurity, warnIfPlain } from './kafka/kafka-security.ts';
import type { BusEnvironment } from './bus-variables.ts';
import { countBusEvents, gaugeBusLag } from './bus-metrics.ts';
import type { CounterSource, GaugeSource } from './bus-metrics.ts';
import type { BusLog, EventBus } from './event-bus.ts';
import { createKafkaBus } from './kafka/kafka-bus.ts';
import { createMemoryBus } from './memory-bus.ts';

export type OpenBusOptions = {
  env: BusEnvironment;
  /** The name of the service. */
  clientId: string;
  log: BusLog;
  /** For the bus's metrics. A registry may be used for one bus only. */
  metrics: CounterSource & GaugeSource;
  /** Maximum waiting messages per subscriber, in memory only. */
  maxPending?: number;
};

export type OpenedBus = EventBus & {
  /** For a readiness check. */
  health(): { ok: true } | { ok: false; reason: string };
};

/**
 * Opens a Kafka bus if brokers are configured, otherwise a bus within this process.
 *
 * @throws StartupError for settings that do not fit together, or a file that cannot be read
 */
export function openBus(options: OpenBusOptions): OpenedBus {
  const { env, clientId, log, metrics, maxPending = 1_000 } = options;
  const brokers = env.KAFKA_BROKERS;
  const security = kafkaSecurity(env);
  const onEvent = countBusEvents(metrics);
  if (brokers === undefined) {
    return { ...createMemoryBus({ maxPending, log, onEvent }), health: () => ({ ok: true }) };
  }
  warnIfPlain(brokers, security, log);
  return createKafkaBus({ brokers, security, clientId, log, onEvent, onLag: gaugeBusLag(metrics) });
}
