import type { DetectorName } from '@camplane/contracts/camera';
import type { Metrics } from '@camplane/service-kit/metrics';
import type { ReplacementReason } from '../workers/worker-slot.ts';

/** What becomes of a frame, each counted. */
export type FrameOutcome = 'looked' | 'stale' | 'future' | 'disabled' | 'poison' | 'failed' | 'dropped';

export type IntakeMetrics = ReturnType<typeof createIntakeMetrics>;

export function createIntakeMetrics(metrics: Metrics) {
  const frames = metrics.counter({
    name: 'camplane_detection_frames_total',
    help: 'Frames received, by what became of them. A frame that is tried again is counted each time.',
    labelNames: ['outcome'],
  });
  const detections = metrics.counter({
    name: 'camplane_detections_found_total',
    help: 'Things found, by the detector that found them.',
    labelNames: ['detector'],
  });
  const failures = metrics.counter({
    name: 'camplane_detection_failures_total',
    help: 'Pictures that a detector failed to look at.',
    labelNames: ['detector'],
  });
  const looking = metrics.histogram({
    name: 'camplane_detection_seconds',
    help: 'Time that a detector took for one picture, decoding included.',
    labelNames: ['detector'],
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
  });
  const latency = metrics.histogram({
    name: 'camplane_detection_latency_seconds',
    help: 'From the moment a frame was captured until what was found in it was published.',
    buckets: [0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.5, 1, 2, 5],
  });
  const lost = metrics.counter({
    name: 'camplane_detection_results_lost_total',
    help: 'Answers of the AI service that could not be published after all attempts.',
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
    looked: (detector: DetectorName, seconds: number) => looking.observe({ detector }, seconds),
    published: (latencyMs: number) => latency.observe(Math.max(0, latencyMs) / 1000),
    lost: () => lost.inc(),
    replaced: (reason: ReplacementReason) => replaced.inc({ reason }),
  };
}
