import { createHash } from 'node:crypto';
import { monotonicClock } from '@camplane/runtime/clock';
import type { Clock } from '@camplane/runtime/clock';
import type { Capability } from '../detect/capabilities.ts';
import { startDetectionThread } from './detection-thread.ts';
import type { StartThread } from './detection-thread.ts';
import type { DetectRequest, DetectResponse } from './worker-messages.ts';
import { createWorkerSlot, defaultSlotLimits } from './worker-slot.ts';
import type { ReplacementReason, SlotLimits } from './worker-slot.ts';

export type WorkerPool = {
  /** False while a worker fails and has no replacement. A worker that is not running counts as healthy. */
  readonly healthy: boolean;
  /** Starts every worker. Resolves when all are ready; never if one cannot start. */
  warmUp(capabilities: readonly Capability[]): Promise<void>;
  /**
   * Runs detectors on the next frame of a camera, or on a single image. Frames of one camera go to the same worker
   * and are processed in the order of the calls.
   *
   * @throws {DetectError}
   */
  detect(request: DetectRequest): Promise<DetectResponse>;
  /** Requests in flight fail. Resolves when every thread has exited. */
  close(): Promise<void>;
};

export type WorkerPoolOptions = {
  /** Maximum number of threads. Each runs only while it has work. */
  workers: number;
  onReplaced?: (reason: ReplacementReason, detail: string) => void;
  limits?: Partial<SlotLimits>;
  startThread?: StartThread;
  clock?: Clock;
};

/** Worker threads; a hash of its id assigns each camera to one. */
export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  const { workers, onReplaced = () => undefined, startThread = startDetectionThread } = options;
  const slots = Array.from({ length: workers }, () =>
    createWorkerSlot({
      startThread: (events) => startThread(events),
      limits: { ...defaultSlotLimits, ...options.limits },
      clock: options.clock ?? monotonicClock,
      onReplaced,
    }),
  );
  let images = 0;
  return {
    get healthy() {
      return slots.every((slot) => slot.healthy);
    },
    async warmUp(capabilities) {
      await Promise.all(slots.map((slot) => slot.warmUp(capabilities)));
    },
    detect(request) {
      const index = request.cameraId === null ? images++ : hashOf(request.cameraId);
      const slot = slots[index % slots.length];
      if (!slot) throw new Error('a pool has at least one worker');
      return slot.detect(request);
    },
    async close() {
      await Promise.all(slots.map((slot) => slot.close()));
    },
  };
}

function hashOf(cameraId: string): number {
  return createHash('sha256').update(cameraId).digest().readUInt32BE(0);
}
