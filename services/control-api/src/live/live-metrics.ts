import type { Metrics } from '@camplane/service-kit/metrics';

export type LiveMetrics = {
  clients: { set(value: number): void };
  sent: { inc(): void };
  dropped: { inc(): void };
};

export function createLiveMetrics(metrics: Metrics): LiveMetrics {
  const counter = (name: string, help: string) => metrics.counter({ name, help });
  return {
    clients: metrics.gauge({
      name: 'camplane_live_clients',
      help: 'Connected clients that watch many cameras as live JPEG',
    }),
    sent: counter('camplane_live_pictures_sent_total', 'Pictures sent to clients that watch many cameras'),
    dropped: counter(
      'camplane_live_pictures_dropped_total',
      'Pictures that clients that watch many cameras did not get because a newer one replaced them',
    ),
  };
}
