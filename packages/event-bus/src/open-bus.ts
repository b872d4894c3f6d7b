import { z } from 'zod';
import { countBusEvents, gaugeBusLag } from './bus-metrics.ts';
import type { CounterSource, GaugeSource } from './bus-metrics.ts';
import type { BusLog, EventBus } from './event-bus.ts';
import { createKafkaBus } from './kafka/kafka-bus.ts';
import { createMemoryBus } from './memory-bus.ts';

const brokerSchema = z
  .string()
  .regex(/^([a-zA-Z0-9.-]+|\[[0-9a-fA-F:]+\]):\d{1,5}$/, 'must be host:port, or several separated by commas')
  .refine((broker) => Number(broker.slice(broker.lastIndexOf(':') + 1)) <= 65_535, 'has a port above 65535');

const brokersMax = 20;

/** `host:port,host:port` as an array. */
export const brokersSchema = z
  .string()
  .transform((text) => text.split(',').map((broker) => broker.trim()))
  .pipe(z.array(brokerSchema).min(1).max(brokersMax));

/** For the environment of a service that opens a bus (`defineEnvironment` in service-kit). */
export const busVariables = {
  KAFKA_BROKERS: {
    schema: brokersSchema.optional(),
    description:
      'Kafka brokers as `host:port`, separated by commas. If not set, messages stay in this process.',
    example: 'kafka-0.kafka:9092,kafka-1.kafka:9092',
  },
};

export type OpenBusOptions = {
  /** See `busVariables`. */
  KAFKA_BROKERS: readonly string[] | undefined;
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

/** Opens a Kafka bus if brokers are configured, otherwise a bus within this process. */
export function openBus(options: OpenBusOptions): OpenedBus {
  const { KAFKA_BROKERS: brokers, clientId, log, metrics, maxPending = 1_000 } = options;
  const onEvent = countBusEvents(metrics);
  if (brokers === undefined) {
    return { ...createMemoryBus({ maxPending, log, onEvent }), health: () => ({ ok: true }) };
  }
  return createKafkaBus({ brokers, clientId, log, onEvent, onLag: gaugeBusLag(metrics) });
}
