import { streamFailureKindSchema } from '@camplane/contracts/camera-status';
import type { Metrics } from '@camplane/service-kit/metrics';

const labelNames = ['camera', 'stream'] as const;

/** `overlay`: the encoder was behind; `bus`: the event bus did not take the frame over in time. */
const dropStages = ['overlay', 'bus'] as const;

/** The metrics of a camera's streams. Labels are the camera and `main` or `sub`: as many as there are cameras. */
export type CameraMetrics = ReturnType<typeof createCameraMetrics>;

export function createCameraMetrics(metrics: Metrics) {
  const up = metrics.gauge({
    name: 'camplane_camera_up',
    help: '1 while video frames of the stream arrive, else 0',
    labelNames,
  });
  const frames = metrics.counter({
    name: 'camplane_frames_total',
    help: 'Video frames published to MediaMTX',
    labelNames,
  });
  const dropped = metrics.counter({
    name: 'camplane_frames_dropped_total',
    help: 'Frames dropped because what comes after them fell behind, by stage',
    labelNames: [...labelNames, 'stage'] as const,
  });
  const restarts = metrics.counter({
    name: 'camplane_ffmpeg_restarts_total',
    help: 'Restarts of a stream, by reason',
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
    help: 'Time without video frames, from the last one before an interruption to the first one after it',
    labelNames,
    buckets: [0.5, 1, 2, 3, 5, 10, 30, 60, 300],
  });
  return {
    up,
    frames,
    dropped,
    restarts,
    firstFrame,
    gap,
    /** Forgets a stream that is gone, so that its last value is not reported for ever. */
    remove(labels: { camera: string; stream: string }) {
      for (const metric of [up, frames, firstFrame, gap]) metric.remove(labels);
      for (const stage of dropStages) dropped.remove({ ...labels, stage });
      for (const reason of streamFailureKindSchema.options) restarts.remove({ ...labels, reason });
    },
  };
}
