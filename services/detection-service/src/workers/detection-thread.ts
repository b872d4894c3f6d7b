import { Worker } from 'node:worker_threads';
import { asError } from '@camplane/runtime/as-error';
import type { OnnxSettings } from '../onnx/load-model.ts';
import { createNativeGate } from '../onnx/native-gate.ts';
import type { DetectionWorkerData, FromDetectionWorker, ToDetectionWorker } from './worker-messages.ts';

export type DetectionThread = {
  /** @param transfer memory that goes over to the thread */
  post(message: ToDetectionWorker, transfer: ArrayBuffer[]): void;
  /** Ends it once it has done what it was given, or at the deadline. Resolves when it is gone. */
  stop(): Promise<void>;
  /** Ends it now, whatever it is at. */
  terminate(): Promise<void>;
};

export type ThreadEvents = {
  onMessage(message: FromDetectionWorker): void;
  /** It ended; `failure` where nobody asked it to. Called once. */
  onExit(failure: Error | null): void;
};
export type StartThread = (events: ThreadEvents) => DetectionThread;

const stopMaxMs = 2_000;
/** A call of the model in hand when its thread is to end. */
const callMaxMs = 10_000;
/**
 * Objects of JavaScript; pictures and OpenCV's memory are not among them. They need a third of it: a larger heap would
 * only be swept later.
 */
const heapMaxMb = 96;

/**
 * @param file the worker: TypeScript as it stands, or its bundle beside the service's bundle
 * @param settings the model that it loads, if any, and whether it does nothing else
 */
export function startDetectionThread(
  events: ThreadEvents,
  file: URL = workerFile(),
  { onnx = null, isCheck = false }: { onnx?: OnnxSettings | null; isCheck?: boolean } = {},
): DetectionThread {
  const gate = createNativeGate();
  let isAskedToEnd = false;
  let failure: Error | undefined;
  const worker = new Worker(file, {
    name: 'detection',
    workerData: { onnx, isCheck, gate: gate.memory } satisfies DetectionWorkerData,
    resourceLimits: { maxOldGenerationSizeMb: heapMaxMb },
  });
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', (code) => {
      events.onExit(isAskedToEnd ? null : (failure ?? new Error(`the thread ended with code ${code}`)));
      resolve();
    });
  });
  worker.on('error', (error: unknown) => {
    failure ??= asError(error);
  });
  // Where a call of the model does not end in time, the thread ends when it does.
  const terminate = async (): Promise<void> => {
    if (await gate.shut(callMaxMs)) await worker.terminate();
  };
  worker.on('messageerror', (error) => {
    failure ??= error;
    void terminate();
  });
  worker.on('message', events.onMessage);
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    async stop() {
      isAskedToEnd = true;
      worker.postMessage({ type: 'stop' } satisfies ToDetectionWorker);
      const timer = setTimeout(() => void terminate(), stopMaxMs);
      await exited;
      clearTimeout(timer);
    },
    async terminate() {
      isAskedToEnd = true;
      await terminate();
    },
  };
}

function workerFile(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./detection-worker.${extension}`, import.meta.url);
}
