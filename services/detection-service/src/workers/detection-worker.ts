import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '@camplane/runtime/message-of';
import type { OpenCv } from '@camplane/opencv/load-opencv';
import sharp from 'sharp';
import type { WorkerTools } from '../detect/detector-registry.ts';
import { openImage, UnreadableImage } from '../detect/open-image.ts';
import { createWorkShare } from '../detect/work-share.ts';
import { throughGate } from '../onnx/native-gate.ts';
import type { LoadedModel } from '../onnx/load-model.ts';
import { createCameraSet } from './camera-set.ts';
import { lowerPriority } from './lower-priority.ts';
import type {
  DetectionWorkerData,
  DetectRequest,
  FromDetectionWorker,
  ToDetectionWorker,
} from './worker-messages.ts';

/**
 * A worker thread: runs the detectors of the cameras that are assigned to it. Frames of one camera are processed in
 * order; while one is decoded, OpenCV works on another camera's.
 */
const evictIntervalMs = 10_000;
const framesPerMemoryCheck = 32;

let memoryChecks = 0;
let lastMemoryBytes = 0;

lowerPriority();

const port = parentPort;
if (port === null) throw new Error('this file runs as a worker thread');
const post = (message: FromDetectionWorker) => port.postMessage(message);

// One thread per image: one worker runs per core.
sharp.concurrency(1);
sharp.cache(false);

const { onnx, gate } = workerData as DetectionWorkerData;
const goThrough = throughGate(gate, () => process.exit());
let cv: OpenCv | undefined;
let model: LoadedModel | null = null;
const tools: WorkerTools = {
  get cv() {
    if (cv === undefined) throw new Error('OpenCV is not loaded');
    return cv;
  },
  get model() {
    return model;
  },
  share: createWorkShare(),
};
const cameras = createCameraSet(tools);
const evicting = setInterval(() => cameras.evictSilent(performance.now()), evictIntervalMs);

port.on('message', (message: ToDetectionWorker) => {
  switch (message.type) {
    case 'load':
      // A failure is not caught: it ends the thread, and its owner reports it.
      void load(message);
      break;
    case 'detect':
      void detect(message.id, message.request);
      break;
    case 'stop':
      // Nothing else keeps the thread alive.
      clearInterval(evicting);
      port.close();
  }
});

type LoadMessage = Extract<ToDetectionWorker, { type: 'load' }>;

async function load({ capabilities, openCv }: LoadMessage): Promise<void> {
  if (capabilities.includes('model') && onnx !== null && model === null) {
    const { loadModel } = await import('../onnx/load-model.ts');
    model = await loadModel(onnx, goThrough);
  }
  if (openCv !== undefined && cv === undefined) {
    const { loadOpenCv } = await import('@camplane/opencv/load-opencv');
    ({ cv } = await loadOpenCv(openCv));
  }
  post({ type: 'ready' });
}

async function detect(id: number, request: DetectRequest): Promise<void> {
  try {
    const image = await openImage(request.jpeg, request.capturedAt);
    const { width, height } = image;
    const runs = await cameras.detect(image, request, performance.now());
    const causes = runs.flatMap((run) => (run.outcome === 'failed' ? [run.cause] : []));
    const results = runs.map((run) => {
      if (run.outcome !== 'failed') return run;
      const { cause: _, ...result } = run;
      return result;
    });
    post({ type: 'detected', id, width, height, results, memoryBytes: memoryBytes() });
    causes.forEach(crashIfCorrupt);
  } catch (error) {
    const unreadable = error instanceof UnreadableImage;
    post({ type: 'failed', id, unreadable, message: messageOf(error), memoryBytes: memoryBytes() });
    crashIfCorrupt(error);
  }
}

/** A trap in WebAssembly may leave its memory corrupt: only a new thread has a sound one. */
function crashIfCorrupt(cause: unknown): void {
  if (!(cause instanceof Error && cause.name === 'RuntimeError')) return;
  setImmediate(() => {
    throw cause;
  });
}

/** The measurement takes a while, so it is not repeated for every frame. */
function memoryBytes(): number {
  if (memoryChecks++ % framesPerMemoryCheck === 0) {
    lastMemoryBytes = (cv?.HEAPU8.byteLength ?? 0) + process.memoryUsage().heapUsed;
  }
  return lastMemoryBytes;
}
