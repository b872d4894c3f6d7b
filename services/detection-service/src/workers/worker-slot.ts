import type { Clock } from '@camplane/runtime/clock';
import { capabilitiesFor } from '../detect/capabilities.ts';
import type { Capability } from '../detect/capabilities.ts';
import { DetectError } from './detect-error.ts';
import type { StartThread } from './detection-thread.ts';
import { startRunningThread } from './running-thread.ts';
import type { RunningThread } from './running-thread.ts';
import { createWaitingJobs } from './waiting-jobs.ts';
import type { DetectRequest, DetectResponse } from './worker-messages.ts';

/** Why a thread was replaced. */
export type ReplacementReason = 'crashed' | 'hung' | 'memory' | 'age';

export type SlotLimits = {
  /** Requests in flight in a thread: one is decoded while the detectors work on the other. */
  inFlightMax: number;
  /** Requests that wait for the thread. */
  waitingMax: number;
  /** Time limit of a request in a thread; the thread counts as hung afterwards. */
  detectMaxMs: number;
  /** Time limit for waiting; a frame is too old afterwards. */
  waitMaxMs: number;
  startMaxMs: number;
  /** A thread without requests for this long is stopped. */
  idleMaxMs: number;
  /** Memory above which a thread is replaced. */
  memoryMaxBytes: number;
  /** Frames after which a thread is replaced: leaks outside its own memory are not measured. */
  framesMax: number;
  restartDelayMinMs: number;
  restartDelayMaxMs: number;
};

export const defaultSlotLimits: SlotLimits = {
  inFlightMax: 2,
  waitingMax: 64,
  detectMaxMs: 10_000,
  waitMaxMs: 2_000,
  startMaxMs: 60_000,
  idleMaxMs: 60_000,
  memoryMaxBytes: 768 * 1024 * 1024,
  framesMax: 500_000,
  restartDelayMinMs: 100,
  restartDelayMaxMs: 30_000,
};

export type SlotOptions = {
  startThread: StartThread;
  limits: SlotLimits;
  clock: Clock;
  onReplaced(reason: ReplacementReason, detail: string): void;
};

/**
 * Keeps one worker thread while there is work: starts it for the first request, loads what a request needs, and
 * stops it when it is idle. A thread that crashes or hangs is replaced, with backoff, and its requests in flight
 * fail. One that is too large or too old works on until its successor is ready.
 */
export function createWorkerSlot({ startThread, limits, clock, onReplaced }: SlotOptions) {
  const waiting = createWaitingJobs(limits.waitingMax, clock);
  const warm = Promise.withResolvers<void>();
  const all = new Set<RunningThread>();
  let current: RunningThread | null = null;
  let successor: RunningThread | null = null;
  let nextId = 0;
  let closed = false;
  let cancelIdle = () => {};
  const backoff = createBackoff(limits, clock, () => pump());

  function start(capabilities: Iterable<Capability>): RunningThread {
    const started = startRunningThread({
      ...{ startThread, limits, clock, nextId: () => nextId++ },
      onReady(thread) {
        if (thread === current) warm.resolve();
        if (thread === successor) {
          const old = current;
          [current, successor] = [thread, null];
          if (old) stopIfDone(old);
        }
        pump();
      },
      onProcessed(thread, memoryBytes) {
        backoff.reset();
        if (thread === current) replaceIfWorn(thread, memoryBytes);
        else stopIfDone(thread);
        pump();
      },
      onHung: (thread, detail) => replace(thread, 'hung', detail),
      onExit(thread, failure) {
        all.delete(thread);
        if (failure && !closed) replace(thread, 'crashed', failure.message);
      },
    });
    all.add(started);
    started.load(capabilities);
    return started;
  }

  function replaceIfWorn(thread: RunningThread, memoryBytes: number): void {
    const worn = wornReason(thread, memoryBytes, limits);
    if (worn === null || successor !== null || closed) return;
    onReplaced(worn.reason, worn.detail);
    successor = start(thread.capabilities);
  }

  /** A replaced thread ends with its last request. */
  function stopIfDone(thread: RunningThread): void {
    if (thread !== current && thread !== successor && thread.inFlight === 0) void thread.stop();
  }

  function replace(thread: RunningThread, reason: 'crashed' | 'hung', detail: string): void {
    thread.failJobs('worker-lost', `worker ${reason}: ${detail}`);
    void thread.terminate();
    if (thread !== current && thread !== successor) return;
    onReplaced(reason, detail);
    const wasCurrent = thread === current;
    if (wasCurrent) current = successor;
    successor = null;
    if (wasCurrent) backoff.start();
  }

  /** Sends waiting requests to the thread; starts or prepares it first if needed. */
  function pump(): void {
    cancelIdle();
    if (closed) return;
    for (let job = waiting.first(); job; job = waiting.first()) {
      const needed = capabilitiesFor(job.request.detectors);
      if (current === null) {
        if (!backoff.isPending) current = start(needed);
        return;
      }
      const { ready, inFlight, capabilities } = current;
      if (!ready || inFlight >= limits.inFlightMax) return;
      if (needed.some((capability) => !capabilities.has(capability))) return current.load(needed);
      waiting.shift();
      current.send(job);
    }
    if (current?.ready && current.inFlight === 0 && successor === null) {
      const idle = current;
      cancelIdle = clock.setTimer(limits.idleMaxMs, () => {
        if (current === idle) current = null;
        stopIfDone(idle);
      });
    }
  }

  return {
    /** Starts the thread. Resolves when it is ready; never if it cannot start. */
    warmUp(capabilities: readonly Capability[]): Promise<void> {
      current ??= start(capabilities);
      return warm.promise;
    },
    /** False while the thread fails and no replacement is ready. */
    get healthy(): boolean {
      return backoff.failures === 0 || current?.ready === true;
    },
    /** @throws {DetectError} */
    detect(request: DetectRequest): Promise<DetectResponse> {
      if (closed) return Promise.reject(new DetectError('closed', stoppingMessage));
      // A frame is worthless once it is old; a single image waits for a thread that is starting.
      const isPatient = request.cameraId === null && current?.ready !== true;
      const response = waiting.add(request, isPatient ? limits.startMaxMs : limits.waitMaxMs);
      pump();
      return response;
    },
    /** Requests in flight fail. Resolves when every thread has exited. */
    async close(): Promise<void> {
      closed = true;
      backoff.cancel();
      cancelIdle();
      waiting.failAll('closed', stoppingMessage);
      for (const thread of all) thread.failJobs('closed', stoppingMessage);
      // A thread that is loading has nothing to finish, and would read the message late.
      await Promise.all([...all].map((thread) => (thread.ready ? thread.stop() : thread.terminate())));
    },
  };
}

const stoppingMessage = 'the workers are stopping';

/** Delays restarts after failures: not at all after the first, then more with each. */
function createBackoff(limits: SlotLimits, clock: Clock, onElapsed: () => void) {
  let failures = 0;
  let isPending = false;
  let cancelTimer = () => {};
  return {
    /** Failures in a row. */
    get failures() {
      return failures;
    },
    get isPending() {
      return isPending;
    },
    reset: () => void (failures = 0),
    start(): void {
      failures += 1;
      isPending = true;
      const delayMs = Math.min(limits.restartDelayMaxMs, limits.restartDelayMinMs * 2 ** (failures - 1));
      cancelTimer();
      cancelTimer = clock.setTimer(failures === 1 ? 0 : delayMs, () => {
        isPending = false;
        onElapsed();
      });
    },
    cancel: () => cancelTimer(),
  };
}

/** Why a working thread should be replaced; null if it should not. */
function wornReason(
  { frames }: RunningThread,
  memoryBytes: number,
  limits: SlotLimits,
): { reason: ReplacementReason; detail: string } | null {
  if (memoryBytes > limits.memoryMaxBytes) {
    return { reason: 'memory', detail: `${Math.round(memoryBytes / 2 ** 20)} MiB` };
  }
  return frames >= limits.framesMax ? { reason: 'age', detail: `${frames} frames` } : null;
}
