import { onAbort } from '@camplane/runtime/abort';
import type { FrameRequest } from '@camplane/jpeg-tap/frame-request';
import type { FrameSubscriptions } from '@camplane/jpeg-tap/frame-subscriptions';
import type { JpegFrame } from '@camplane/jpeg-tap/jpeg-frame';

export type SnapshotCamera = { id: string; frames: Pick<FrameSubscriptions, 'subscribe' | 'tapSettings'> };

/**
 * Takes a current frame of a running camera on request. The number of cameras at once is limited, and requests for the
 * same camera share a frame: a page full of tiles must not start a decoder per viewer.
 */
export type Snapshots = {
  /** Null if no frame arrives in time, or too many snapshots are being taken. */
  take(camera: SnapshotCamera): Promise<JpegFrame | null>;
};

const snapshotRequest: FrameRequest = {
  purpose: 'snapshot',
  fps: 1,
  width: 1280,
  quality: 93,
  keyFramesOnly: true,
};
/** A tap at this rate or above delivers a frame soon enough: changing its settings would restart it. */
const frequentFps = 0.5;
const concurrencyMax = 4;
const timeoutMs = 6000;

export function createSnapshots(options: { signal: AbortSignal }): Snapshots {
  const pending = new Map<string, Promise<JpegFrame | null>>();
  return {
    take(camera) {
      const shared = pending.get(camera.id);
      if (shared) return shared;
      if (pending.size >= concurrencyMax) return Promise.resolve(null);
      const signal = AbortSignal.any([options.signal, AbortSignal.timeout(timeoutMs)]);
      const taken = nextFrame(camera, signal).finally(() => pending.delete(camera.id));
      pending.set(camera.id, taken);
      return taken;
    },
  };
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
