import type { Metrics } from '@camplane/service-kit/metrics';

export type StreamMetrics = ReturnType<typeof createStreamMetrics>;

export function createStreamMetrics(metrics: Metrics) {
  return {
    active: metrics.gauge({
      name: 'camplane_stream_active_streams',
      help: 'Running JPEG streams, one for each camera and quality',
    }),
    clients: metrics.gauge({
      name: 'camplane_stream_clients',
      help: 'Connected clients of JPEG streams',
      labelNames: ['transport'],
    }),
    encoded: metrics.counter({
      name: 'camplane_stream_frames_encoded_total',
      help: 'JPEG frames that FFmpeg delivered',
      labelNames: ['quality'],
    }),
    sent: metrics.counter({
      name: 'camplane_stream_frames_sent_total',
      help: 'JPEG frames sent to clients',
    }),
    sentBytes: metrics.counter({
      name: 'camplane_stream_sent_bytes_total',
      help: 'Bytes of JPEG frames sent to clients',
    }),
    dropped: metrics.counter({
      name: 'camplane_stream_frames_dropped_total',
      help: 'JPEG frames that were not sent to a client because it had not received earlier ones',
    }),
    refused: metrics.counter({
      name: 'camplane_stream_clients_refused_total',
      help: 'Clients refused because a limit was reached',
    }),
    ended: metrics.counter({
      name: 'camplane_stream_clients_ended_total',
      help: 'Clients disconnected by the server, by reason',
      labelNames: ['reason'],
    }),
    errors: metrics.counter({
      name: 'camplane_stream_errors_total',
      help: 'Failures of FFmpeg, by reason',
      labelNames: ['reason'],
    }),
    firstFrame: metrics.histogram({
      name: 'camplane_stream_start_seconds',
      help: 'Time from the start of a stream to its first frame',
      buckets: [0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32],
    }),
  };
}
