import type { Clock } from '@camplane/runtime/clock';
import { capabilitiesFor } from '../detect/capabilities.ts';
import type { Capability } from '../detect/capabilities.ts';
import { DetectError } from './detect-error.ts';
import type { DetectErrorKind } from './detect-error.ts';
import type { DetectionThread, StartThread } from './detection-thread.ts';
import type { DetectRequest, DetectResponse, FromDetectionWorker } from './worker-messages.ts';

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

type Job = {
  request: DetectRequest;
  resolve(response: DetectResponse): void;
  reject(error: DetectError): void;
  cancelTimer: () => void;
};
type Running = {
  thread: DetectionThread;
  jobs: Map<number, Job>;
  capabilities: Set<Capability>;
  /** Its capabilities are loaded. */
  ready: boolean;
  frames: number;
  cancelStartTimer: () => void;
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
  const waiting: Job[] = [];
  const warm = Promise.withResolvers<void>();
  const all = new Set<Running>();
  let current: Running | null = null;
  let successor: Running | null = null;
  let nextId = 0;
  let failures = 0;
  let closed = false;
  let backingOff = false;
  let cancelRestart = () => {};
  let cancelIdle = () => {};

  function start(capabilities: Iterable<Capability>): Running {
    const running: Running = {
      jobs: new Map(),
      capabilities: new Set(),
      ready: false,
      frames: 0,
      cancelStartTimer: () => {},
      thread: startThread({
        onMessage: (message) => receive(running, message),
        onExit: (failure) => exited(running, failure),
      }),
    };
    all.add(running);
    load(running, capabilities);
    return running;
  }

  function load(running: Running, capabilities: Iterable<Capability>): void {
    for (const capability of capabilities) running.capabilities.add(capability);
    running.ready = false;
    running.cancelStartTimer = clock.setTimer(limits.startMaxMs, () =>
      replace(running, 'hung', `not ready within ${limits.startMaxMs} ms`),
    );
    running.thread.post({ type: 'load', capabilities: [...running.capabilities] });
  }

  function receive(running: Running, message: FromDetectionWorker): void {
    if (message.type === 'ready') {
      running.ready = true;
      running.cancelStartTimer();
      if (running === current) warm.resolve();
      if (running === successor) takeOver(running);
    } else {
      settle(running, message);
    }
    pump();
  }

  function settle(running: Running, message: Exclude<FromDetectionWorker, { type: 'ready' }>): void {
    const job = running.jobs.get(message.id);
    running.jobs.delete(message.id);
    running.frames += 1;
    failures = 0;
    job?.cancelTimer();
    if (message.type === 'detected') {
      const { width, height, results } = message;
      job?.resolve({ width, height, results });
    } else {
      job?.reject(new DetectError(message.unreadable ? 'unreadable' : 'failed', message.message));
    }
    if (running !== current) return void stopIfDone(running);
    if (successor !== null || closed) return;
    if (message.memoryBytes > limits.memoryMaxBytes) {
      onReplaced('memory', `${Math.round(message.memoryBytes / 2 ** 20)} MiB`);
      successor = start(running.capabilities);
    } else if (running.frames >= limits.framesMax) {
      onReplaced('age', `${running.frames} frames`);
      successor = start(running.capabilities);
    }
  }

  function takeOver(running: Running): void {
    const old = current;
    current = running;
    successor = null;
    if (old) stopIfDone(old);
  }

  /** A replaced thread ends with its last request. */
  function stopIfDone(running: Running): void {
    if (running !== current && running !== successor && running.jobs.size === 0) void running.thread.stop();
  }

  function exited(running: Running, failure: Error | null): void {
    all.delete(running);
    running.cancelStartTimer();
    if (failure && !closed) replace(running, 'crashed', failure.message);
  }

  function replace(running: Running, reason: 'crashed' | 'hung', detail: string): void {
    failJobs(running, 'worker-lost', `worker ${reason}: ${detail}`);
    running.cancelStartTimer();
    void running.thread.terminate();
    if (running !== current && running !== successor) return;
    onReplaced(reason, detail);
    if (running === successor) {
      successor = null;
      return;
    }
    current = successor;
    successor = null;
    failures += 1;
    const delayMs =
      failures === 1 ? 0 : Math.min(limits.restartDelayMaxMs, limits.restartDelayMinMs * 2 ** (failures - 1));
    backingOff = true;
    cancelRestart();
    cancelRestart = clock.setTimer(delayMs, () => {
      backingOff = false;
      pump();
    });
  }

  function failJobs(running: Running, kind: DetectErrorKind, message: string): void {
    for (const job of running.jobs.values()) {
      job.cancelTimer();
      job.reject(new DetectError(kind, message));
    }
    running.jobs.clear();
  }

  /** Sends waiting requests to the thread; starts or prepares it first if needed. */
  function pump(): void {
    cancelIdle();
    if (closed) return;
    for (;;) {
      const job = waiting[0];
      if (!job) break;
      const needed = capabilitiesFor(job.request.detectors);
      if (current === null) {
        if (!backingOff) current = start(needed);
        return;
      }
      if (!current.ready || current.jobs.size >= limits.inFlightMax) return;
      if (needed.some((capability) => current?.capabilities.has(capability) === false)) {
        return load(current, needed);
      }
      waiting.shift();
      send(current, job);
    }
    if (current?.ready && current.jobs.size === 0 && successor === null) {
      cancelIdle = clock.setTimer(limits.idleMaxMs, stopIdle);
    }
  }

  function stopIdle(): void {
    const idle = current;
    current = null;
    if (idle) stopIfDone(idle);
  }

  function send(running: Running, job: Job): void {
    const id = nextId++;
    job.cancelTimer();
    job.cancelTimer = clock.setTimer(limits.detectMaxMs, () => {
      running.jobs.delete(id);
      job.reject(new DetectError('timeout', `detection took longer than ${limits.detectMaxMs} ms`));
      replace(running, 'hung', `a frame took longer than ${limits.detectMaxMs} ms`);
    });
    running.jobs.set(id, job);
    // A copy: the buffer is shared with others and may be part of a larger one, which a transfer would take along.
    const jpeg = new Uint8Array(job.request.jpeg);
    running.thread.post({ type: 'detect', id, request: { ...job.request, jpeg } }, [jpeg.buffer]);
  }

  /** A frame is worthless once it is old; a single image waits for a thread that is starting. */
  function waitMaxMs(request: DetectRequest): number {
    return request.cameraId === null && current?.ready !== true ? limits.startMaxMs : limits.waitMaxMs;
  }

  return {
    /** Starts the thread. Resolves when it is ready; never if it cannot start. */
    warmUp(capabilities: readonly Capability[]): Promise<void> {
      current ??= start(capabilities);
      return warm.promise;
    },
    /** False while the thread fails and no replacement is ready. */
    get healthy(): boolean {
      return failures === 0 || current?.ready === true;
    },
    /** @throws {DetectError} */
    detect(request: DetectRequest): Promise<DetectResponse> {
      return new Promise((resolve, reject) => {
        if (closed) return reject(new DetectError('closed', 'the workers are stopping'));
        if (waiting.length >= limits.waitingMax) {
          return reject(new DetectError('overloaded', `${limits.waitingMax} frames are waiting`));
        }
        const job: Job = { request, resolve, reject, cancelTimer: () => {} };
        const maxMs = waitMaxMs(request);
        job.cancelTimer = clock.setTimer(maxMs, () => {
          waiting.splice(waiting.indexOf(job), 1);
          reject(new DetectError('overloaded', `no worker was free within ${maxMs} ms`));
        });
        waiting.push(job);
        pump();
      });
    },
    /** Requests in flight fail. Resolves when every thread has exited. */
    async close(): Promise<void> {
      closed = true;
      cancelRestart();
      cancelIdle();
      for (const job of waiting.splice(0)) {
        job.cancelTimer();
        job.reject(new DetectError('closed', 'the workers are stopping'));
      }
      await Promise.all(
        [...all].map((running) => {
          failJobs(running, 'closed', 'the workers are stopping');
          // A thread that is loading has nothing to finish, and would read the message late.
          return running.ready ? running.thread.stop() : running.thread.terminate();
        }),
      );
    },
  };
}
