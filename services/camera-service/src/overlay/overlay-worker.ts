import { parentPort, workerData } from 'node:worker_threads';
import { RecentBoxes } from './detection-boxes.ts';
import { FrameMemory } from './frame-memory.ts';
import { FramePainter } from './frame-painter.ts';
import { openFramePipes } from './frame-pipes.ts';
import { FrameSlots } from './frame-slots.ts';
import { loadOpenCv } from '@camplane/opencv/load-opencv';
import type { OpenCv } from '@camplane/opencv/load-opencv';
import { PreviewCapture } from './preview-capture.ts';
import { openSoundPipes } from './sound-pipes.ts';
import type { Drawing, FromOverlayWorker, OverlayWorkerData, ToOverlayWorker } from './worker-messages.ts';

/**
 * The worker thread of one overlay session: it reads frames from the decoder's FIFO into OpenCV's memory, draws on
 * them in place, and writes them from there to the encoder's FIFO. No frame is copied and nothing blocks, so a
 * hanging encoder drops frames but delays neither the decoder nor the stop.
 */
const countsIntervalMs = 250;

const port = parentPort;
if (port === null) throw new Error('this file runs as a worker thread');
const post = (message: FromOverlayWorker, transfer: ArrayBuffer[] = []) =>
  port.postMessage(message, transfer);

let session: { receive(message: ToOverlayWorker): void } | null = null;
let stopped = false;
const early: ToOverlayWorker[] = [];

port.on('message', (message: ToOverlayWorker) => {
  if (session !== null) session.receive(message);
  else early.push(message);
  if (message.type === 'stop') {
    stopped = true;
    // Without it and the pipes nothing keeps the thread alive.
    port.close();
  }
});

const loadStartedMs = performance.now();
const data = workerData as OverlayWorkerData;
const { cv } = await loadOpenCv(data.openCv);
// Handle a stop that arrived while loading before opening anything.
await new Promise((resolve) => setImmediate(resolve));
if (!stopped) {
  session = startSession(cv, data);
  for (const message of early) session.receive(message);
  post({ type: 'ready', loadMs: performance.now() - loadStartedMs });
}

function startSession(cv: OpenCv, data: OverlayWorkerData) {
  const slots = new FrameSlots();
  const memory = new FrameMemory(cv, data.format, data.size, FrameSlots.count);
  const painterOf = ({ overlay, cameraName }: Drawing) =>
    new FramePainter(cv, data.size, overlay, cameraName);
  let painter = painterOf(data.drawing);
  let drawingVersion = 0;
  const previews = new PreviewCapture(cv, data.format, data.size, (preview) =>
    post({ type: 'preview', preview, drawingVersion }, [preview.rgb]),
  );
  const boxes = new RecentBoxes();
  const capturedAt = new Array<number>(FrameSlots.count).fill(0);
  const counts = createCounts();
  let sequence = 0;

  const sound = data.sound === null ? null : openSoundPipes(data.sound);
  const pipes = openFramePipes({
    decodedPath: data.decodedPath,
    drawnPath: data.drawnPath,
    target: () => memory.view(slots.reading),
    onFrame: () => {
      const slot = slots.reading;
      // The wall clock: FFmpeg stamps the frames of this camera by it too.
      const nowMs = Date.now();
      if (sequence === 0) begin(nowMs);
      sequence += 1;
      capturedAt[slot] = nowMs;
      painter.hidePrivateParts(memory.planes(slot));
      previews.offer(memory.planes(slot), sequence, nowMs);
      counts.add(0, slots.completeRead() ? 1 : 0);
      writeNext();
    },
  });

  function begin(atMs: number): void {
    sound?.begin(atMs);
    post({ type: 'began', atMs });
  }

  function writeNext(): void {
    const slot = slots.beginWrite();
    if (slot === null) return;
    painter.decorate(memory.planes(slot), capturedAt[slot] ?? 0, boxes.at(performance.now()));
    pipes.write(memory.view(slot), () => {
      slots.completeWrite();
      counts.add(1, 0);
      writeNext();
    });
  }

  return {
    receive(message: ToOverlayWorker): void {
      switch (message.type) {
        case 'drawing':
          painter.delete();
          painter = painterOf(message.drawing);
          drawingVersion = message.version;
          break;
        case 'boxes':
          boxes.set(message.boxes, performance.now());
          break;
        case 'previews':
          previews.configure(message.settings);
          break;
        case 'previewUsed':
          previews.release(message.rgb);
          break;
        case 'stop':
          pipes.close();
          sound?.close();
          break;
      }
    },
  };
}

/** Collects counts and posts them a few times per second, the first at once. */
function createCounts(): { add(delivered: number, dropped: number): void } {
  let sums = { delivered: 0, dropped: 0 };
  let postedMs = Number.NEGATIVE_INFINITY;
  return {
    add(delivered, dropped) {
      sums.delivered += delivered;
      sums.dropped += dropped;
      const nowMs = performance.now();
      if (nowMs - postedMs < countsIntervalMs || sums.delivered + sums.dropped === 0) return;
      post({ type: 'counts', ...sums });
      sums = { delivered: 0, dropped: 0 };
      postedMs = nowMs;
    },
  };
}
