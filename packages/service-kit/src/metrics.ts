import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CounterConfiguration, GaugeConfiguration, HistogramConfiguration } from 'prom-client';
import { checkMetricName } from './metric-name.ts';

export type { Counter, Gauge, Histogram } from 'prom-client';

/** A service's metrics. Names are checked when a metric is declared: see {@link checkMetricName}. */
export type Metrics = {
  readonly registry: Registry;
  counter<L extends string>(configuration: Omit<CounterConfiguration<L>, 'registers'>): Counter<L>;
  gauge<L extends string>(configuration: Omit<GaugeConfiguration<L>, 'registers'>): Gauge<L>;
  histogram<L extends string>(configuration: Omit<HistogramConfiguration<L>, 'registers'>): Histogram<L>;
};

/**
 * Creates a separate registry, so that services in one process, and tests, do not collide. Every sample has the label
 * `service`; process metrics keep prom-client's names.
 */
export function createMetrics(service: string, options: { processMetrics?: boolean } = {}): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  if (options.processMetrics !== false) collectDefaultMetrics({ register: registry });
  return {
    registry,
    counter(configuration) {
      checkMetricName(configuration.name, 'counter');
      return new Counter({ ...configuration, registers: [registry] });
    },
    gauge(configuration) {
      checkMetricName(configuration.name, 'gauge');
      return new Gauge({ ...configuration, registers: [registry] });
    },
    histogram(configuration) {
      checkMetricName(configuration.name, 'histogram');
      return new Histogram({ ...configuration, registers: [registry] });
    },
  };
}
