import type { DetectorName } from '@camplane/contracts/camera';
import type { Metrics } from '@camplane/service-kit/metrics';
import type { ReplacementReason } from '../workers/worker-slot.ts';

/** What happened to a frame. `looked`: detectors ran. `poison`: sent to the dead-letter topic. */
export type FrameOutcome = 'looked' | 'stale' | 'future' | 'disabled' | 'poison' | 'failed' | 'dropped';

export type IntakeMetrics = ReturnType<typeof createIntakeMetrics>;

export function createIntakeMetrics(metrics: Metrics) {
  const frames = metrics.counter({
    name: 'camplane_detection_frames_total',
    help: 'Frames received, by outcome. A retried frame is counted each time.',
    labelNames: ['outcome'],
  });
  const detections = metrics.counter({
    name: 'camplane_detections_found_total',
    help: 'Detected objects, by detector.',
    labelNames: ['detector'],
  });
  const failures = metrics.counter({
    name: 'camplane_detection_failures_total',
    help: 'Frames on which a detector failed.',
    labelNames: ['detector'],
  });
  const seconds = metrics.histogram({
    name: 'camplane_detection_seconds',
    help: 'Duration of one run of a detector, including decoding.',
    labelNames: ['detector'],
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
  });
  const latency = metrics.histogram({
    name: 'camplane_detection_latency_seconds',
    help: 'Time from the capture of a frame to the publication of its result.',
    buckets: [0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.5, 1, 2, 5],
  });
  const lost = metrics.counter({
    name: 'camplane_detection_results_lost_total',
    help: 'Results of the AI service dropped after all attempts to publish them.',
  });
  const replaced = metrics.counter({
    name: 'camplane_detection_worker_restarts_total',
    help: 'Worker threads replaced, by reason.',
    labelNames: ['reason'],
  });
  return {
    frame: (outcome: FrameOutcome) => frames.inc({ outcome }),
    found: (detector: DetectorName, count: number) => detections.inc({ detector }, count),
    failed: (detector: DetectorName) => failures.inc({ detector }),
    detected: (detector: DetectorName, elapsedSeconds: number) =>
      seconds.observe({ detector }, elapsedSeconds),
    published: (latencyMs: number) => latency.observe(Math.max(0, latencyMs) / 1000),
    lost: () => lost.inc(),
    replaced: (reason: ReplacementReason) => replaced.inc({ reason }),
  };
}
