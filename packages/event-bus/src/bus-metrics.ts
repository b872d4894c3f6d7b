import type { DeadLetterReason } from '@camplane/contracts/dead-letter';
import type { BusEvent } from './event-bus.ts';

type MetricConfiguration<L extends string> = { name: string; help: string; labelNames: L[] };

/** The part of service-kit's metrics that is needed here. */
export type CounterSource = {
  counter<L extends string>(configuration: MetricConfiguration<L>): { inc(labels: Record<L, string>): void };
};

/** Counts what happens to messages, for the `onEvent` of a bus. Declares the metrics: once for each registry. */
export function countBusEvents(
  metrics: CounterSource,
): (event: BusEvent, topic: string, reason?: DeadLetterReason) => void {
  const messages = metrics.counter({
    name: 'camplane_bus_messages_total',
    help: 'Messages of the event bus, by what happened to them.',
    labelNames: ['topic', 'event'],
  });
  const deadLetters = metrics.counter({
    name: 'camplane_bus_dead_letters_total',
    help: 'Messages that went to the dead-letter topic, by the topic they came from and why.',
    labelNames: ['topic', 'reason'],
  });
  return (event, topic, reason) => {
    messages.inc({ topic, event });
    if (reason !== undefined) deadLetters.inc({ topic, reason });
  };
}

/** The part of service-kit's metrics that is needed for a gauge. */
export type GaugeSource = {
  gauge<L extends string>(
    configuration: MetricConfiguration<L>,
  ): { set(labels: Record<L, string>, value: number): void };
};

/** A group that only one process knows, and for as long as it runs, is named after what it does alone. */
const uuidSuffix = /-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Shows how far each group is behind, for the `onLag` of a bus. Declares the metric: once for each registry. */
export function gaugeBusLag(metrics: GaugeSource): (messages: number, topic: string, group: string) => void {
  const lag = metrics.gauge({
    name: 'camplane_bus_lag_messages',
    help: 'Messages that this process has before it and has not done, by topic and group.',
    labelNames: ['topic', 'group'],
  });
  return (messages, topic, group) => lag.set({ topic, group: group.replace(uuidSuffix, '') }, messages);
}
