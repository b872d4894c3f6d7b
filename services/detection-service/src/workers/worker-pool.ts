import { createHash } from 'node:crypto';
import { monotonicClock } from '@camplane/runtime/clock';
import type { Clock } from '@camplane/runtime/clock';
import { startDetectionThread } from './detection-thread.ts';
import type { StartThread } from './detection-thread.ts';
import type { Looked, LookRequest } from './worker-messages.ts';
import { createWorkerSlot, defaultSlotLimits } from './worker-slot.ts';
import type { ReplacementReason, SlotLimits } from './worker-slot.ts';

export type WorkerPool = {
  /** Whether every worker can take pictures. */
  readonly ready: boolean;
  /** Resolves once every worker was ready. Waits for ever where one cannot start. */
  readonly started: Promise<void>;
  /**
   * Looks at the next picture of a camera, or at a single one. Pictures of one camera meet the same worker, and are
   * looked at in the order in which they are handed in.
   *
   * @throws {LookError}
   */
  look(request: LookRequest): Promise<Looked>;
  /** Pictures in hand fail; resolves when every thread is gone. */
  close(): Promise<void>;
};

export type WorkerPoolOptions = {
  workers: number;
  /** A worker was lost, or given up, and replaced. */
  onReplaced?: (reason: ReplacementReason, detail: string) => void;
  limits?: Partial<SlotLimits>;
  startThread?: StartThread;
  clock?: Clock;
};

/** Worker threads with cameras pinned to them by a hash of their ids. */
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
  let singles = 0;
  return {
    get ready() {
      return slots.every((slot) => slot.ready);
    },
    started: Promise.all(slots.map((slot) => slot.started)).then(() => undefined),
    look(request) {
      const place = request.cameraId === null ? singles++ : placeOf(request.cameraId);
      const slot = slots[place % slots.length];
      if (!slot) throw new Error('a pool has at least one worker');
      return slot.look(request);
    },
    async close() {
      await Promise.all(slots.map((slot) => slot.close()));
    },
  };
}

function placeOf(cameraId: string): number {
  return createHash('sha256').update(cameraId).digest().readUInt32BE(0);
}
