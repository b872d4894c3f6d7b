import { detectionsTopic } from '@camplane/contracts/topics';
import type { DetectionResult, Found } from '@camplane/contracts/detection';
import { framesTopic } from '@camplane/contracts/frame';
import type { Frame } from '@camplane/contracts/frame';
import { RejectedMessage } from '@camplane/event-bus/event-bus';
import type { EventBus, Subscription } from '@camplane/event-bus/event-bus';
import type { Logger } from '@camplane/service-kit/logging';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import { createLogLimiter } from '@camplane/runtime/log-limiter';
import { runsInWorker } from '../detect/detector-registry.ts';
import { countsInZones } from '../detect/zones.ts';
import { LookError } from '../workers/look-error.ts';
import type { Looked } from '../workers/worker-messages.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import { createCameraMemories, isSameFrame } from './camera-memory.ts';
import type { CameraMemory } from './camera-memory.ts';
import { composeResult, wantedDetectors } from './compose-result.ts';
import type { Finding } from './compose-result.ts';
import { judgeAge } from './frame-age.ts';
import type { IntakeMetrics } from './intake-metrics.ts';
import { createResultSender } from './result-sender.ts';

/** The part of the AI service's client that the intake needs: it never holds up a frame. */
export type OfferFrame = (frame: Frame, cameraId: string, onFound: (found: Found[]) => void) => void;

export type FrameIntakeOptions = {
  bus: EventBus;
  pool: Pick<WorkerPool, 'look'>;
  workers: number;
  /** Frames older than this are skipped. */
  ageMaxMs?: number;
  offerToHttp?: OfferFrame;
  metrics: IntakeMetrics;
  log: Logger;
  clock: Pick<Clock, 'now'>;
  /** Frames are stamped by it. */
  wallClock: WallClock;
};

/** Frames of one camera that may wait (R3.1). */
const pendingPerCameraMax = 5;
/** A frame that was lost with its worker so often is the cause of it, and not tried again. */
const lossesMax = 3;

/** Takes frames from the bus, has them looked at, and publishes what was found. */
export function createFrameIntake(options: FrameIntakeOptions) {
  const { bus, pool, metrics, log, clock, wallClock } = options;
  const cameras = createCameraMemories();
  /** A detector that fails on one picture often fails on all. */
  const limited = createLogLimiter({ perMinute: 1, now: () => clock.now() });
  const later = createResultSender({
    publish: (result) => publish(result),
    onLost(result, error) {
      metrics.lost();
      log.error({ camera: result.cameraId, err: error }, 'a result of the AI service could not be published');
    },
  });

  async function publish(result: DetectionResult): Promise<void> {
    await bus.publish(detectionsTopic, result.cameraId, result);
    metrics.published(wallClock.epochMs() - Date.parse(result.capturedAt));
    for (const { detector } of result.detections) metrics.found(detector, 1);
  }

  async function handle(cameraId: string, frame: Frame): Promise<void> {
    const memory = cameras.of(cameraId, clock.now());
    if (memory.unpublished && isSameFrame(memory.unpublished.frame, frame)) return send(memory);
    const isRetry = memory.failed !== null && isSameFrame(memory.failed.frame, frame);
    const age = judgeAge(frame.capturedAt, wallClock.epochMs(), options.ageMaxMs);
    // A frame that takes its workers down must come to its end as a dead letter, however long that took.
    if (age !== 'current' && !isRetry) return metrics.frame(age);

    const wanted = wantedDetectors(frame);
    const inWorker = wanted.filter(runsInWorker);
    if (wanted.includes('http') && !isRetry) offerToHttp(cameraId, frame);
    let findings: Finding[] = [];
    let size: { width: number; height: number } = frame;
    if (inWorker.length > 0) {
      const looked = await look(cameraId, frame, inWorker, memory);
      if (looked === null) return;
      findings = findingsOf(looked);
      size = looked;
    }
    metrics.frame(wanted.length === 0 ? 'disabled' : 'looked');
    const composed = composeResult(memory, { cameraId, frame, source: 'worker', findings, size });
    Object.assign(memory, composed.memory, { failed: null });
    if (composed.result === null) return;
    memory.unpublished = { frame, result: composed.result };
    await send(memory);
  }

  /** Null: it was given up. A failure that may pass is thrown, so that the bus brings the frame again. */
  async function look(
    cameraId: string,
    { jpeg, capturedAt, sequence, detection }: Frame,
    detectors: ReturnType<typeof wantedDetectors>,
    memory: CameraMemory,
  ): Promise<Looked | null> {
    const { minConfidence, zones } = detection;
    try {
      return await pool.look({ cameraId, capturedAt, jpeg, detectors, minConfidence, zones, mayRest: true });
    } catch (error) {
      if (!(error instanceof LookError)) throw error;
      if (error.kind === 'overloaded') {
        metrics.frame('dropped');
        return null;
      }
      const frame = { capturedAt, sequence };
      const before = memory.failed && isSameFrame(memory.failed.frame, frame) ? memory.failed.times : 0;
      memory.failed = { frame, times: before + 1 };
      const isPoison = !error.isRetryable || before + 1 >= lossesMax;
      metrics.frame(isPoison ? 'poison' : 'failed');
      if (!isPoison) throw error;
      throw new RejectedMessage(`the picture cannot be looked at: ${error.message}`, { cause: error });
    }
  }

  function findingsOf({ answers }: Looked): Finding[] {
    return answers.flatMap((answer) => {
      if (answer.outcome === 'skipped') return [];
      if (answer.outcome === 'failed') {
        metrics.failed(answer.detector);
        for (const line of limited(`${answer.detector} failed on a picture: ${answer.message}`)) {
          log.error({ detector: answer.detector }, line);
        }
        return [];
      }
      metrics.looked(answer.detector, answer.seconds);
      return [{ detector: answer.detector, found: answer.found }];
    });
  }

  async function send(memory: CameraMemory): Promise<void> {
    if (memory.unpublished === null) return;
    await publish(memory.unpublished.result);
    memory.unpublished = null;
  }

  /** The answer comes when it comes, and makes a result of its own. */
  function offerToHttp(cameraId: string, frame: Frame): void {
    options.offerToHttp?.(frame, cameraId, (found) => {
      const memory = cameras.of(cameraId, clock.now());
      const { minConfidence, zones } = frame.detection;
      const counting = found.filter(
        ({ confidence, boundingBox }) => confidence >= minConfidence && countsInZones(boundingBox, zones),
      );
      const findings: Finding[] = [{ detector: 'http', found: counting }];
      const composed = composeResult(memory, { cameraId, frame, source: 'http', findings, size: frame });
      Object.assign(memory, composed.memory);
      if (composed.result) later.send(composed.result);
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
    /** No frame is taken any more; what is in hand is done or will come again. */
    async stop(): Promise<void> {
      await subscription?.close();
      await later.close();
    },
  };
}
