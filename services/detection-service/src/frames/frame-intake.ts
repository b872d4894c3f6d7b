import { detectionsTopic } from '@camplane/contracts/topics';
import type { DetectionResult, Found } from '@camplane/contracts/detection';
import { framesTopic } from '@camplane/contracts/frame';
import type { Frame } from '@camplane/contracts/frame';
import { RejectedMessage } from '@camplane/event-bus/event-bus';
import type { EventBus, Subscription } from '@camplane/event-bus/event-bus';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import { createLogLimiter } from '@camplane/runtime/log-limiter';
import type { Logger } from '@camplane/service-kit/logging';
import { capabilitiesFor } from '../detect/capabilities.ts';
import { countsInZones } from '../detect/zones.ts';
import { DetectError } from '../workers/detect-error.ts';
import type { DetectResponse } from '../workers/worker-messages.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import { createCameraStates } from './camera-states.ts';
import type { CameraState } from './camera-states.ts';
import { composeResult, enabledDetectors } from './compose-result.ts';
import type { Finding } from './compose-result.ts';
import { frameAgeMaxMs } from './frame-age.ts';
import { planDelivery, planFailure } from './frame-delivery.ts';
import type { IntakeMetrics } from './intake-metrics.ts';
import { createResultSender } from './result-sender.ts';

/** Offers a frame to the AI service. Returns at once. */
export type OfferFrame = (frame: Frame, cameraId: string, onFound: (found: Found[]) => void) => void;

export type FrameIntakeOptions = {
  bus: EventBus;
  pool: Pick<WorkerPool, 'detect'>;
  workers: number;
  /** Older frames are skipped. */
  ageMaxMs?: number;
  offerToHttp?: OfferFrame;
  metrics: IntakeMetrics;
  log: Logger;
  clock: Pick<Clock, 'now'>;
  /** The clock that frames are stamped with. */
  wallClock: WallClock;
};

/** Frames of one camera that may wait (R3.1). */
const pendingPerCameraMax = 5;

/** Consumes frames from the bus, runs detectors on them and publishes the results. */
export function createFrameIntake(options: FrameIntakeOptions) {
  const { bus, metrics, log, clock, wallClock, ageMaxMs = frameAgeMaxMs } = options;
  const cameras = createCameraStates();
  const runDetectors = createDetectorRunner(options);
  const resultsOfHttp = createResultSender({
    publish,
    onLost(result, error) {
      metrics.lost();
      log.error({ camera: result.cameraId, err: error }, 'result of the AI service dropped');
    },
  });

  async function publish(result: DetectionResult): Promise<void> {
    await bus.publish(detectionsTopic, result.cameraId, result);
    metrics.published(wallClock.epochMs() - Date.parse(result.capturedAt));
    for (const { detector } of result.detections) metrics.found(detector, 1);
  }

  async function publishPending(state: CameraState): Promise<void> {
    if (state.unpublished === null) return;
    await publish(state.unpublished.result);
    state.unpublished = null;
  }

  async function handle(cameraId: string, frame: Frame): Promise<void> {
    const state = cameras.of(cameraId, clock.now());
    const plan = planDelivery(state, frame, { epochMs: wallClock.epochMs(), ageMaxMs });
    if (plan.type === 'publish') return publishPending(state);
    if (plan.type === 'skip') return metrics.frame(plan.outcome);

    const enabled = enabledDetectors(frame);
    if (enabled.includes('http') && !plan.isRetry) offerToHttp(cameraId, frame);
    const response = await runDetectors(cameraId, frame, enabled, state);
    if (response === 'dropped') return;
    metrics.frame(enabled.length === 0 ? 'disabled' : 'looked');
    const { findings, size } = response;
    const composed = composeResult(state, { cameraId, frame, source: 'worker', findings, size });
    Object.assign(state, composed.state, { failed: null });
    if (composed.result === null) return;
    state.unpublished = { frame, result: composed.result };
    await publishPending(state);
  }

  /** A response arrives at any time and becomes a separate result. */
  function offerToHttp(cameraId: string, frame: Frame): void {
    options.offerToHttp?.(frame, cameraId, (found) => {
      const state = cameras.of(cameraId, clock.now());
      const { minConfidence, zones } = frame.detection;
      const relevant = found.filter(
        ({ confidence, boundingBox }) => confidence >= minConfidence && countsInZones(boundingBox, zones),
      );
      const findings: Finding[] = [{ detector: 'http', found: relevant }];
      const composed = composeResult(state, { cameraId, frame, source: 'http', findings, size: frame });
      Object.assign(state, composed.state);
      if (composed.result) resultsOfHttp.send(composed.result);
    });
  }

  let subscription: Subscription | null = null;
  return {
    async start(): Promise<void> {
      subscription = await bus.subscribe(
        framesTopic,
        {
          group: 'detection-service',
          concurrency: options.workers * 2,
          maxPendingPerKey: pendingPerCameraMax,
        },
        ({ key, value }) => handle(key, value),
      );
    },
    /** Frames in flight are finished, or delivered again later. */
    async stop(): Promise<void> {
      await subscription?.close();
      await resultsOfHttp.close();
    },
  };
}

type Detected = { findings: Finding[]; size: { width: number; height: number } };

/** Runs the detectors of a frame in a worker. Throws where the bus should deliver the frame again. */
function createDetectorRunner({ pool, metrics, log, clock }: FrameIntakeOptions) {
  /** A detector that fails on one frame often fails on all. */
  const limited = createLogLimiter({ perMinute: 1, now: () => clock.now() });

  function findingsOf({ results }: DetectResponse): Finding[] {
    return results.flatMap((result) => {
      if (result.outcome === 'skipped') return [];
      if (result.outcome === 'failed') {
        metrics.failed(result.detector);
        for (const line of limited(`detector ${result.detector} failed: ${result.message}`)) {
          log.error({ detector: result.detector }, line);
        }
        return [];
      }
      metrics.detected(result.detector, result.seconds);
      return [{ detector: result.detector, found: result.found }];
    });
  }

  return async (
    cameraId: string,
    frame: Frame,
    enabled: ReturnType<typeof enabledDetectors>,
    state: CameraState,
  ): Promise<Detected | 'dropped'> => {
    const detectors = enabled.filter((name) => capabilitiesFor([name]).length > 0);
    if (detectors.length === 0) return { findings: [], size: frame };
    const { jpeg, capturedAt, detection } = frame;
    const { minConfidence, zones } = detection;
    try {
      const request = { cameraId, capturedAt, jpeg, detectors, minConfidence, zones, maySkip: true };
      const response = await pool.detect(request);
      return { findings: findingsOf(response), size: response };
    } catch (error) {
      if (!(error instanceof DetectError)) throw error;
      const plan = planFailure(state.failed, frame, error);
      if (plan.type === 'drop') {
        metrics.frame('dropped');
        return 'dropped';
      }
      state.failed = plan.failed;
      metrics.frame(plan.type === 'retry' ? 'failed' : 'poison');
      if (plan.type === 'retry') throw error;
      throw new RejectedMessage(`the frame cannot be processed: ${error.message}`, { cause: error });
    }
  };
}
