import type { BusEvent } from './event-bus.ts';

/** The part of service-kit's metrics that is needed here. */
export type CounterSource = {
  counter(configuration: { name: string; help: string; labelNames: ('topic' | 'event')[] }): {
    inc(labels: { topic: string; event: string }): void;
  };
};

/** Counts what happens to messages, for the `onEvent` of a bus. Declares the metric: once for each registry. */
export function countBusEvents(metrics: CounterSource): (event: BusEvent, topic: string) => void {
  const messages = metrics.counter({
    name: 'camplane_bus_messages_total',
    help: 'Messages of the event bus, by what happened to them.',
    labelNames: ['topic', 'event'],
  });
  return (event, topic) => messages.inc({ topic, event });
}
