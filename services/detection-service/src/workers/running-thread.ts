import type { Clock } from '@camplane/runtime/clock';
import type { Capability } from '../detect/capabilities.ts';
import { DetectError } from './detect-error.ts';
import type { DetectErrorKind } from './detect-error.ts';
import type { DetectionThread, StartThread } from './detection-thread.ts';
import type { DetectRequest, DetectResponse, FromDetectionWorker } from './worker-messages.ts';

export type Job = {
  request: DetectRequest;
  resolve(response: DetectResponse): void;
  reject(error: DetectError): void;
  cancelTimer: () => void;
};

/** A worker thread with its capabilities and its requests in flight. */
export type RunningThread = {
  readonly capabilities: ReadonlySet<Capability>;
  /** Its capabilities are loaded. */
  readonly ready: boolean;
  readonly inFlight: number;
  /** Frames processed so far. */
  readonly frames: number;
  load(capabilities: Iterable<Capability>): void;
  send(job: Job): void;
  failJobs(kind: DetectErrorKind, message: string): void;
  stop(): Promise<void>;
  terminate(): Promise<void>;
};

export type RunningThreadOptions = {
  startThread: StartThread;
  limits: { startMaxMs: number; detectMaxMs: number };
  clock: Clock;
  /** Ids of messages to the thread. */
  nextId(): number;
  onReady(thread: RunningThread): void;
  onProcessed(thread: RunningThread, memoryBytes: number): void;
  /** It did not load or respond in time. */
  onHung(thread: RunningThread, detail: string): void;
  /** `failure` is null for a requested exit. */
  onExit(thread: RunningThread, failure: Error | null): void;
};

export function startRunningThread(options: RunningThreadOptions): RunningThread {
  const { limits, clock } = options;
  const jobs = new Map<number, Job>();
  const capabilities = new Set<Capability>();
  let ready = false;
  let frames = 0;
  let cancelStartTimer = () => {};
  const thread: DetectionThread = options.startThread({
    onMessage: (message) => receive(message),
    onExit(failure) {
      cancelStartTimer();
      options.onExit(running, failure);
    },
  });

  function receive(message: FromDetectionWorker): void {
    if (message.type === 'ready') {
      ready = true;
      cancelStartTimer();
      return options.onReady(running);
    }
    const job = jobs.get(message.id);
    jobs.delete(message.id);
    frames += 1;
    job?.cancelTimer();
    if (message.type === 'detected') {
      const { width, height, results } = message;
      job?.resolve({ width, height, results });
    } else {
      job?.reject(new DetectError(message.unreadable ? 'unreadable' : 'failed', message.message));
    }
    options.onProcessed(running, message.memoryBytes);
  }

  const running: RunningThread = {
    capabilities,
    get ready() {
      return ready;
    },
    get inFlight() {
      return jobs.size;
    },
    get frames() {
      return frames;
    },
    load(added) {
      for (const capability of added) capabilities.add(capability);
      ready = false;
      cancelStartTimer = clock.setTimer(limits.startMaxMs, () =>
        options.onHung(running, `not ready within ${limits.startMaxMs} ms`),
      );
      thread.post({ type: 'load', capabilities: [...capabilities] });
    },
    send(job) {
      const id = options.nextId();
      job.cancelTimer();
      job.cancelTimer = clock.setTimer(limits.detectMaxMs, () => {
        jobs.delete(id);
        job.reject(new DetectError('timeout', `detection took longer than ${limits.detectMaxMs} ms`));
        options.onHung(running, `a frame took longer than ${limits.detectMaxMs} ms`);
      });
      jobs.set(id, job);
      // A copy: the buffer is shared with others and may be part of a larger one, which a transfer would take along.
      const jpeg = new Uint8Array(job.request.jpeg);
      thread.post({ type: 'detect', id, request: { ...job.request, jpeg } }, [jpeg.buffer]);
    },
    failJobs(kind, message) {
      for (const job of jobs.values()) {
        job.cancelTimer();
        job.reject(new DetectError(kind, message));
      }
      jobs.clear();
    },
    stop: () => thread.stop(),
    terminate() {
      cancelStartTimer();
      return thread.terminate();
    },
  };
  return running;
}
