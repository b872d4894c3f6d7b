import { onAbort } from '@camplane/runtime/abort';
import type { FrameRequest } from '@camplane/jpeg-tap/frame-request';
import type { FrameSubscriptions } from '@camplane/jpeg-tap/frame-subscriptions';
import type { JpegFrame } from '@camplane/jpeg-tap/jpeg-frame';

export type SnapshotCamera = { id: string; frames: Pick<FrameSubscriptions, 'subscribe' | 'tapSettings'> };

export type SnapshotOutcome =
  | { kind: 'frame'; frame: JpegFrame }
  /** None within {@link answerMaxMs}. The next one is awaited further, so that a retry finds it. */
  | { kind: 'late' }
  /** Too many snapshots are being taken. */
  | { kind: 'busy' };

/**
 * Takes a current frame of a running camera on request. The number of cameras at once is limited, and requests for the
 * same camera share a frame: a page full of tiles must not start a decoder per viewer.
 */
export type Snapshots = { take(camera: SnapshotCamera): Promise<SnapshotOutcome> };

/** A frame of a camera with 10 s between key frames arrives in time. control-api and `camplane snapshot` wait longer. */
export const answerMaxMs = 13_000;

const snapshotRequest: FrameRequest = {
  purpose: 'snapshot',
  fps: 1,
  width: 1280,
  quality: 93,
  keyFramesOnly: true,
};
/** A tap at this rate or above delivers a frame soon enough: changing its settings would restart it. */
const frequentFps = 0.5;
/** Cameras whose requests still wait, and all cameras whose next frame is awaited. */
const concurrencyMax = 4;
const awaitedMax = 16;
/** Longer than a minute between two key frames. */
const frameMaxMs = 75_000;

export function createSnapshots(options: { signal: AbortSignal; answerMaxMs?: number }): Snapshots {
  const limitMs = options.answerMaxMs ?? answerMaxMs;
  const awaited = new Map<string, Promise<JpegFrame | null>>();
  const answering = new Map<string, Promise<SnapshotOutcome>>();

  function awaitFrame(camera: SnapshotCamera): Promise<JpegFrame | null> {
    const shared = awaited.get(camera.id);
    if (shared) return shared;
    const signal = AbortSignal.any([options.signal, AbortSignal.timeout(frameMaxMs)]);
    const frame = nextFrame(camera, signal).finally(() => awaited.delete(camera.id));
    awaited.set(camera.id, frame);
    return frame;
  }

  return {
    take(camera) {
      const shared = answering.get(camera.id);
      if (shared) return shared;
      const isNew = !awaited.has(camera.id);
      if (isNew && (answering.size >= concurrencyMax || awaited.size >= awaitedMax)) {
        return Promise.resolve({ kind: 'busy' });
      }
      const answer = within(awaitFrame(camera), limitMs).then((frame): SnapshotOutcome =>
        frame ? { kind: 'frame', frame } : { kind: 'late' },
      );
      answering.set(camera.id, answer);
      return answer.finally(() => answering.delete(camera.id));
    },
  };
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(() => late.resolve(null), ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function nextFrame({ frames }: SnapshotCamera, signal: AbortSignal): Promise<JpegFrame | null> {
  const current = frames.tapSettings();
  const request =
    current && current.fps >= frequentFps ? { ...current, purpose: 'snapshot' } : snapshotRequest;
  return new Promise((resolve) => {
    const unsubscribe = frames.subscribe(request, (frame) => finish(frame));
    const removeListener = onAbort(signal, () => finish(null));
    function finish(frame: JpegFrame | null): void {
      unsubscribe();
      removeListener();
      resolve(frame);
    }
  });
}
