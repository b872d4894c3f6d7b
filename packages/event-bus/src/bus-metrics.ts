import type { DeadLetterReason } from '@camplane/contracts/dead-letter';
import type { BusEvent } from './event-bus.ts';

type MetricConfiguration<L extends string> = { name: string; help: string; labelNames: L[] };

/** The part of service-kit's metrics that counters need. */
export type CounterSource = {
  counter<L extends string>(configuration: MetricConfiguration<L>): { inc(labels: Record<L, string>): void };
};

/** The `onEvent` of a bus that counts messages. Declares the metrics, so call it once per registry. */
export function countBusEvents(
  metrics: CounterSource,
): (event: BusEvent, topic: string, reason?: DeadLetterReason) => void {
  const messages = metrics.counter({
    name: 'camplane_bus_messages_total',
    help: 'Messages of the event bus, by topic and event.',
    labelNames: ['topic', 'event'],
  });
  const deadLetters = metrics.counter({
    name: 'camplane_bus_dead_letters_total',
    help: 'Messages sent to the dead-letter topic, by original topic and reason.',
    labelNames: ['topic', 'reason'],
  });
  return (event, topic, reason) => {
    messages.inc({ topic, event });
    if (reason !== undefined) deadLetters.inc({ topic, reason });
  };
}

/** The part of service-kit's metrics that gauges need. */
export type GaugeSource = {
  gauge<L extends string>(
    configuration: MetricConfiguration<L>,
  ): { set(labels: Record<L, string>, value: number): void };
};

/** Suffix of a group that exists only for one process: left out of the label, for low cardinality. */
const uuidSuffix = /-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The `onLag` of a bus that sets a gauge. Declares the metric, so call it once per registry. */
export function gaugeBusLag(metrics: GaugeSource): (messages: number, topic: string, group: string) => void {
  const lag = metrics.gauge({
    name: 'camplane_bus_lag_messages',
    help: 'Messages assigned to this process and not yet handled, by topic and group.',
    labelNames: ['topic', 'group'],
  });
  return (messages, topic, group) => lag.set({ topic, group: group.replace(uuidSuffix, '') }, messages);
}
