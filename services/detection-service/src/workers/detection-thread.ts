import { Worker } from 'node:worker_threads';
import { compileOpenCv } from '@camplane/opencv/compile-opencv';
import { asError } from '@camplane/runtime/as-error';
import type { OnnxSettings } from '../onnx/load-model.ts';
import { createNativeGate } from '../onnx/native-gate.ts';
import type { DetectionWorkerData, FromDetectionWorker, ToDetectionWorker } from './worker-messages.ts';

export type DetectionThread = {
  /** @param transfer memory whose ownership moves to the thread */
  post(message: ToDetectionWorker, transfer?: ArrayBuffer[]): void;
  /** Ends it after the requests in flight, or at the deadline. Resolves when it has exited. */
  stop(): Promise<void>;
  /** Ends it immediately. */
  terminate(): Promise<void>;
};

export type ThreadEvents = {
  onMessage(message: FromDetectionWorker): void;
  /** The thread exited; `failure` is null after `stop` or `terminate`. Called once. */
  onExit(failure: Error | null): void;
};
export type StartThread = (events: ThreadEvents) => DetectionThread;

const stopMaxMs = 2_000;
/** For a model call in flight when its thread is terminated. */
const callMaxMs = 10_000;
/** JavaScript objects need a third of this; frames and OpenCV's memory do not count. A larger heap only grows. */
const heapMaxMb = 96;
/** A larger young generation keeps garbage for longer, in each thread. */
const youngGenerationMaxMb = 6;

/**
 * @param file the worker: the TypeScript source, or its bundle next to the service's bundle
 * @param onnx the model for the capability `model`
 */
export function startDetectionThread(
  events: ThreadEvents,
  file: URL = workerFile(),
  onnx: OnnxSettings | null = null,
): DetectionThread {
  const gate = createNativeGate();
  let isStopRequested = false;
  let failure: Error | undefined;
  const worker = new Worker(file, {
    name: 'detection',
    workerData: { onnx, gate: gate.memory } satisfies DetectionWorkerData,
    resourceLimits: { maxOldGenerationSizeMb: heapMaxMb, maxYoungGenerationSizeMb: youngGenerationMaxMb },
  });
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', (code) => {
      events.onExit(isStopRequested ? null : (failure ?? new Error(`thread exited with code ${code}`)));
      resolve();
    });
  });
  worker.on('error', (error: unknown) => {
    failure ??= asError(error);
  });
  // If a model call does not end in time, the thread exits when it does.
  const terminate = async (): Promise<void> => {
    if (await gate.shut(callMaxMs)) await worker.terminate();
  };
  worker.on('messageerror', (error) => {
    failure ??= error;
    void terminate();
  });
  worker.on('message', events.onMessage);
  const loadWithOpenCv = async (message: ToDetectionWorker): Promise<void> => {
    try {
      worker.postMessage({ ...message, openCv: await compileOpenCv() });
    } catch (error) {
      failure ??= asError(error);
      await terminate();
    }
  };
  return {
    post(message, transfer = []) {
      if (message.type === 'load' && message.capabilities.includes('opencv')) void loadWithOpenCv(message);
      else worker.postMessage(message, transfer);
    },
    async stop() {
      isStopRequested = true;
      worker.postMessage({ type: 'stop' } satisfies ToDetectionWorker);
      const timer = setTimeout(() => void terminate(), stopMaxMs);
      await exited;
      clearTimeout(timer);
    },
    async terminate() {
      isStopRequested = true;
      await terminate();
    },
  };
}

function workerFile(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./detection-worker.${extension}`, import.meta.url);
}
