import { streamFailureKindSchema } from '@camplane/contracts/camera-status';
import type { Metrics } from '@camplane/service-kit/metrics';

const labelNames = ['camera', 'stream'] as const;

/** `overlay`: the encoder fell behind; `bus`: the event bus did not accept the frame in time. */
const dropStages = ['overlay', 'bus'] as const;

/** Metrics of streams, with the labels camera and stream (`main` or `sub`): at most two series per camera and metric. */
export type CameraMetrics = ReturnType<typeof createCameraMetrics>;

export function createCameraMetrics(metrics: Metrics) {
  const up = metrics.gauge({
    name: 'camplane_camera_up',
    help: 'Whether video frames of the stream arrive (1) or not (0)',
    labelNames,
  });
  const readable = metrics.gauge({
    name: 'camplane_camera_readable',
    help: 'Whether readers of the stream get pictures that can be decoded (1) or not (0)',
    labelNames,
  });
  const frames = metrics.counter({
    name: 'camplane_frames_total',
    help: 'Video frames published to MediaMTX',
    labelNames,
  });
  const dropped = metrics.counter({
    name: 'camplane_frames_dropped_total',
    help: 'Frames dropped because the encoder or the event bus fell behind, by stage',
    labelNames: [...labelNames, 'stage'] as const,
  });
  const restarts = metrics.counter({
    name: 'camplane_ffmpeg_restarts_total',
    help: 'Restarts of a stream after failures, by reason',
    labelNames: [...labelNames, 'reason'] as const,
  });
  const firstFrame = metrics.histogram({
    name: 'camplane_first_frame_seconds',
    help: 'Time from the start of an attempt to its first video frame',
    labelNames,
    buckets: [0.2, 0.4, 0.6, 0.8, 1, 1.5, 2, 3, 5, 10],
  });
  const gap = metrics.histogram({
    name: 'camplane_frame_gap_seconds',
    help: 'Time between the last video frame before an interruption and the first one after it',
    labelNames,
    buckets: [0.5, 1, 2, 3, 5, 10, 30, 60, 300],
  });
  return {
    up,
    readable,
    frames,
    dropped,
    restarts,
    firstFrame,
    gap,
    /** Removes the series of a stream that was stopped. */
    remove(labels: { camera: string; stream: string }) {
      for (const metric of [up, readable, frames, firstFrame, gap]) metric.remove(labels);
      for (const stage of dropStages) dropped.remove({ ...labels, stage });
      for (const reason of streamFailureKindSchema.options) restarts.remove({ ...labels, reason });
    },
  };
}
