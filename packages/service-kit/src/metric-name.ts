export type MetricKind = 'counter' | 'gauge' | 'histogram';

/** Base units (Prometheus, "Metric and label naming"), and what a histogram may count. */
const histogramUnits = ['seconds', 'bytes', 'ratio', 'frames', 'messages'];

/**
 * Names are `camplane_<noun>_<unit>`: a counter ends in `_total`, a histogram in a base unit, and a gauge in a base
 * unit or in what it counts (`camplane_camera_viewers`).
 *
 * @throws {Error} for any other name, when the metric is declared
 */
export function checkMetricName(name: string, kind: MetricKind): void {
  const problem = metricNameProblem(name, kind);
  if (problem !== undefined) throw new Error(`metric ${name} ${problem}`);
}

/** The problem with a name, or `undefined`. */
export function metricNameProblem(name: string, kind: MetricKind): string | undefined {
  if (!/^camplane(_[a-z0-9]+){2,}$/.test(name)) return 'must be named camplane_<noun>_<unit>, in snake case';
  const unit = name.slice(name.lastIndexOf('_') + 1);
  if (/^(ms|milliseconds|minutes|kb|mb|percent)$/.test(unit))
    return 'must use a base unit: seconds, bytes or ratio';
  switch (kind) {
    case 'counter':
      return unit === 'total' ? undefined : 'is a counter and must end in _total';
    case 'gauge':
      return unit === 'total' ? 'is a gauge and must not end in _total' : undefined;
    case 'histogram':
      return histogramUnits.includes(unit)
        ? undefined
        : `is a histogram and must end in ${histogramUnits.map((word) => `_${word}`).join(', ')}`;
  }
}
