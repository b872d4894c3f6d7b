import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { loadOpenCv } from '@camplane/opencv/load-opencv';
import { messageOf } from '@camplane/runtime/message-of';
import sharp from 'sharp';
import { readPicture, UnreadablePicture } from '../detect/read-picture.ts';
import { createWorkShare } from '../detect/work-share.ts';
import { loadModel } from '../onnx/load-model.ts';
import { throughGate } from '../onnx/native-gate.ts';
import { createCameraSet } from './camera-set.ts';
import { standBack } from './thread-priority.ts';
import type {
  DetectionWorkerData,
  FromDetectionWorker,
  LookRequest,
  ToDetectionWorker,
} from './worker-messages.ts';

/**
 * A worker thread: looks at pictures of the cameras that are pinned to it. Pictures of one camera are looked at one
 * after another; while one is decoded, OpenCV works on another's.
 */
const forgetIntervalMs = 10_000;
const looksPerMemoryQuestion = 32;

let questions = 0;
let lastMemoryBytes = 0;

standBack();

const port = parentPort;
if (port === null) throw new Error('this file runs as a worker thread');
const post = (message: FromDetectionWorker) => port.postMessage(message);

// There are as many workers as cores: a picture decoded by several threads only adds switches between them.
sharp.concurrency(1);
sharp.cache(false);

const { onnx, gate, isCheck } = workerData as DetectionWorkerData;
const goThrough = throughGate(gate, () => process.exit());
const model = onnx && (await loadModel(onnx, goThrough));
if (isCheck) {
  post({ type: 'ready' });
  await once(port, 'message');
  process.exit();
}
const { cv } = await loadOpenCv();
const cameras = createCameraSet({ cv, model, share: createWorkShare() });
const forgetting = setInterval(() => cameras.forgetSilent(performance.now()), forgetIntervalMs);

port.on('message', (message: ToDetectionWorker) => {
  if (message.type === 'stop') {
    // Nothing else keeps the thread: it ends by itself.
    clearInterval(forgetting);
    port.close();
  } else {
    void look(message.id, message.request);
  }
});
post({ type: 'ready' });

async function look(id: number, request: LookRequest): Promise<void> {
  try {
    const picture = await readPicture(request.jpeg, request.capturedAt);
    const { width, height } = picture;
    const looks = await cameras.look(picture, request, performance.now());
    const causes = looks.flatMap((one) => (one.outcome === 'failed' ? [one.cause] : []));
    const answers = looks.map((one) => {
      if (one.outcome !== 'failed') return one;
      const { cause: _, ...answer } = one;
      return answer;
    });
    post({ type: 'looked', id, width, height, answers, memoryBytes: memoryBytes() });
    causes.forEach(endIfBroken);
  } catch (error) {
    const message = messageOf(error);
    const unreadable = error instanceof UnreadablePicture;
    post({ type: 'refused', id, unreadable, message, memoryBytes: memoryBytes() });
    endIfBroken(error);
  }
}

/** A trap inside WebAssembly leaves its memory in any state: only a new thread has a sound one. */
function endIfBroken(cause: unknown): void {
  if (!(cause instanceof Error && cause.name === 'RuntimeError')) return;
  setImmediate(() => {
    throw cause;
  });
}

/** Asking takes a while, and memory does not run out within a few pictures. */
function memoryBytes(): number {
  if (questions++ % looksPerMemoryQuestion === 0) {
    lastMemoryBytes = cv.HEAPU8.byteLength + process.memoryUsage().heapUsed;
  }
  return lastMemoryBytes;
}
