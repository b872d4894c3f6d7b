import type { Clock } from '@camplane/runtime/clock';
import type { DetectionThread, StartThread } from './detection-thread.ts';
import { LookError } from './look-error.ts';
import type { LookErrorKind } from './look-error.ts';
import type { FromDetectionWorker, Looked, LookRequest } from './worker-messages.ts';

/** Why a thread was replaced. */
export type ReplacementReason = 'crashed' | 'hung' | 'memory' | 'age';

export type SlotLimits = {
  /** Pictures given to a thread at a time: one that is decoded while another is looked at. */
  inHandMax: number;
  /** Pictures that wait for it besides. */
  waitingMax: number;
  /** From being given to the thread until its answer; it counts as hung then. */
  lookMaxMs: number;
  /** Waiting for a thread that is free: a frame is too old then. */
  waitMaxMs: number;
  startMaxMs: number;
  /** Memory above which a thread is replaced once another is ready. */
  memoryMaxBytes: number;
  /** So is one that looked at so many pictures: leaks outside its own memory do not show. */
  looksMax: number;
  restartDelayMinMs: number;
  restartDelayMaxMs: number;
};

export const defaultSlotLimits: SlotLimits = {
  inHandMax: 2,
  waitingMax: 64,
  lookMaxMs: 10_000,
  waitMaxMs: 2_000,
  startMaxMs: 60_000,
  memoryMaxBytes: 768 * 1024 * 1024,
  looksMax: 500_000,
  restartDelayMinMs: 100,
  restartDelayMaxMs: 30_000,
};

type Job = {
  request: LookRequest;
  resolve(looked: Looked): void;
  reject(error: LookError): void;
  cancelTimer: () => void;
};
type Running = {
  thread: DetectionThread;
  jobs: Map<number, Job>;
  ready: boolean;
  looks: number;
  cancelStartTimer: () => void;
};

export type SlotOptions = {
  startThread: StartThread;
  limits: SlotLimits;
  clock: Clock;
  onReplaced(reason: ReplacementReason, detail: string): void;
};

/**
 * The place of one worker thread. A thread that ends, or hangs, is replaced at once, then at growing intervals; the
 * pictures it had in hand fail. One that grew too large or too old works on until its successor is ready.
 */
export function createWorkerSlot({ startThread, limits, clock, onReplaced }: SlotOptions) {
  const waiting: Job[] = [];
  const started = Promise.withResolvers<void>();
  const all = new Set<Running>();
  let current: Running | null = null;
  let successor: Running | null = null;
  let nextId = 0;
  let failures = 0;
  let closed = false;
  let cancelRestart = () => {};

  function begin(): Running {
    const running: Running = {
      jobs: new Map(),
      ready: false,
      looks: 0,
      cancelStartTimer: clock.setTimer(limits.startMaxMs, () =>
        replace(running, 'hung', `it was not ready within ${limits.startMaxMs} ms`),
      ),
      thread: startThread({
        onMessage: (message) => receive(running, message),
        onExit: (failure) => ended(running, failure),
      }),
    };
    all.add(running);
    return running;
  }

  function receive(running: Running, message: FromDetectionWorker): void {
    if (message.type === 'ready') {
      running.ready = true;
      started.resolve();
      running.cancelStartTimer();
      if (running === successor) takeOver(running);
    } else {
      settle(running, message);
    }
    pump();
  }

  function settle(running: Running, message: Exclude<FromDetectionWorker, { type: 'ready' }>): void {
    const job = running.jobs.get(message.id);
    running.jobs.delete(message.id);
    running.looks += 1;
    failures = 0;
    job?.cancelTimer();
    if (message.type === 'looked') {
      const { width, height, answers } = message;
      job?.resolve({ width, height, answers });
    } else {
      job?.reject(new LookError(message.unreadable ? 'unreadable' : 'failed', message.message));
    }
    if (running !== current) return void retireIfDone(running);
    if (successor !== null || closed) return;
    if (message.memoryBytes > limits.memoryMaxBytes) {
      onReplaced('memory', `${Math.round(message.memoryBytes / 2 ** 20)} MiB`);
      successor = begin();
    } else if (running.looks >= limits.looksMax) {
      onReplaced('age', `${running.looks} pictures`);
      successor = begin();
    }
  }

  function takeOver(running: Running): void {
    const old = current;
    current = running;
    successor = null;
    if (old) retireIfDone(old);
  }

  /** A thread that was replaced ends with its last picture. */
  function retireIfDone(running: Running): void {
    if (running !== current && running !== successor && running.jobs.size === 0) void running.thread.stop();
  }

  function ended(running: Running, failure: Error | null): void {
    all.delete(running);
    running.cancelStartTimer();
    if (failure && !closed) replace(running, 'crashed', failure.message);
  }

  /** The thread is lost. */
  function replace(running: Running, reason: 'crashed' | 'hung', detail: string): void {
    failJobs(running, 'worker-lost', `the worker ${reason}: ${detail}`);
    void running.thread.terminate();
    if (running !== current && running !== successor) return;
    onReplaced(reason, detail);
    if (running === successor) {
      successor = null;
      return;
    }
    current = null;
    failures += 1;
    const delayMs =
      failures === 1 ? 0 : Math.min(limits.restartDelayMaxMs, limits.restartDelayMinMs * 2 ** (failures - 1));
    cancelRestart();
    cancelRestart = clock.setTimer(delayMs, () => {
      if (!closed) current = successor ?? begin();
      successor = null;
    });
  }

  function failJobs(running: Running, kind: LookErrorKind, message: string): void {
    for (const job of running.jobs.values()) {
      job.cancelTimer();
      job.reject(new LookError(kind, message));
    }
    running.jobs.clear();
  }

  function pump(): void {
    while (current?.ready && current.jobs.size < limits.inHandMax) {
      const job = waiting.shift();
      if (!job) return;
      give(current, job);
    }
  }

  function give(running: Running, job: Job): void {
    const id = nextId++;
    job.cancelTimer();
    job.cancelTimer = clock.setTimer(limits.lookMaxMs, () => {
      running.jobs.delete(id);
      job.reject(new LookError('timeout', `looking took longer than ${limits.lookMaxMs} ms`));
      replace(running, 'hung', `a picture took longer than ${limits.lookMaxMs} ms`);
    });
    running.jobs.set(id, job);
    // The picture is others' too, and may lie in a larger buffer that would be copied with it.
    const jpeg = new Uint8Array(job.request.jpeg);
    running.thread.post({ type: 'look', id, request: { ...job.request, jpeg } }, [jpeg.buffer]);
  }

  current = begin();

  return {
    started: started.promise,
    get ready(): boolean {
      return current?.ready === true;
    },
    /** @throws {LookError} */
    look(request: LookRequest): Promise<Looked> {
      return new Promise((resolve, reject) => {
        if (closed) return reject(new LookError('closed', 'the workers are ending'));
        if (waiting.length >= limits.waitingMax) {
          return reject(new LookError('overloaded', `${limits.waitingMax} pictures wait already`));
        }
        const job: Job = { request, resolve, reject, cancelTimer: () => {} };
        job.cancelTimer = clock.setTimer(limits.waitMaxMs, () => {
          waiting.splice(waiting.indexOf(job), 1);
          reject(new LookError('overloaded', `no worker was free within ${limits.waitMaxMs} ms`));
        });
        waiting.push(job);
        pump();
      });
    },
    /** Pictures in hand fail; resolves when every thread is gone. */
    async close(): Promise<void> {
      closed = true;
      cancelRestart();
      for (const job of waiting.splice(0)) {
        job.cancelTimer();
        job.reject(new LookError('closed', 'the workers are ending'));
      }
      await Promise.all(
        [...all].map((running) => {
          failJobs(running, 'closed', 'the workers are ending');
          // One that is still loading has nothing to finish, and would hear of it late.
          return running.ready ? running.thread.stop() : running.thread.terminate();
        }),
      );
    },
  };
}
