import { Worker } from 'node:worker_threads';
import { asError } from '@camplane/runtime/as-error';
import type { FromOverlayWorker, OverlayWorkerData, ToOverlayWorker } from './worker-messages.ts';

export type OverlayWorkerThread = {
  post(message: ToOverlayWorker, transfer?: ArrayBuffer[]): void;
  /** Stops it; resolves when the thread has exited and its files are closed. */
  stop(): Promise<void>;
};

/** After this the thread is terminated: OpenCV must be stuck in a call. */
const stopMaxMs = 2000;

/** @param events.onFailure the thread exited unexpectedly; called at most once */
export function startOverlayWorker(
  data: OverlayWorkerData,
  events: { onMessage(message: FromOverlayWorker): void; onFailure(cause: Error): void },
): OverlayWorkerThread {
  let stopping = false;
  let failure: Error | undefined;
  const worker = new Worker(workerFile(), {
    name: 'overlay',
    workerData: data,
    // The sockets own their files and close them; if Node closed them again, it could close someone else's.
    trackUnmanagedFds: false,
  });
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', (code) => {
      if (!stopping) events.onFailure(failure ?? new Error(`drawing thread exited with code ${code}`));
      resolve();
    });
  });
  worker.on('error', (error: unknown) => {
    failure ??= asError(error);
  });
  worker.on('message', (message: FromOverlayWorker) => {
    if (!stopping) events.onMessage(message);
  });
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    async stop() {
      stopping = true;
      worker.postMessage({ type: 'stop' } satisfies ToOverlayWorker);
      const timer = setTimeout(() => void worker.terminate(), stopMaxMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** The worker beside this file: its TypeScript source, or its bundle beside the service's bundle. */
function workerFile(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./overlay-worker.${extension}`, import.meta.url);
}
