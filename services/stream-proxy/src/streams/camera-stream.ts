import type { StreamQuality } from '@camplane/contracts/camera-id';
import type { JpegQuality } from '@camplane/contracts/jpeg-stream';
import type { JpegFrame } from '@camplane/jpeg-tap/jpeg-frame';
import { createJpegTap } from '@camplane/jpeg-tap/jpeg-tap';
import type { JpegTapDependencies } from '@camplane/jpeg-tap/jpeg-tap';
import { createFrameRing } from './frame-ring.ts';
import type { VideoStatus } from './follow-status.ts';
import { sourceOf, tapSettingsOf } from './stream-source.ts';
import { showsCamera, streamStateOf } from './stream-state.ts';
import type { StreamState } from './stream-state.ts';
import type { StreamMetrics } from '../stream-metrics.ts';

/** Follows a stream. */
export type StreamListener = {
  onFrame(frame: JpegFrame): void;
  /** The state, its reason or the size of the pictures may have changed. */
  onState(): void;
};

/** One camera in one quality: a supervised FFmpeg that reads MediaMTX, and its latest frames. */
export type CameraStream = {
  add(listener: StreamListener): void;
  remove(listener: StreamListener): void;
  latest(): JpegFrame | null;
  state(): StreamState;
  /** The status of the camera has changed. */
  statusChanged(): void;
  /** Resolves when the process has ended. */
  stop(): Promise<void>;
};

export type CameraStreamDependencies = JpegTapDependencies & {
  /** RTSP address of a stream of a camera, for one connection. */
  readUrl(cameraId: string, source: StreamQuality): string;
  status(cameraId: string): VideoStatus | undefined;
  framesMax: number;
  metrics: StreamMetrics;
};

export function createCameraStream(
  { cameraId, quality }: { cameraId: string; quality: JpegQuality },
  dependencies: CameraStreamDependencies,
): CameraStream {
  const { metrics, clock } = dependencies;
  const listeners = new Set<StreamListener>();
  const ring = createFrameRing<JpegFrame>(dependencies.framesMax);
  const status = (): VideoStatus | undefined => dependencies.status(cameraId);
  const startedMs = clock.now();
  let source = sourceOf(quality, status());
  let isFirst = true;
  let failedBefore = false;

  const notify = (): void => listeners.forEach((listener) => listener.onState());

  const tap = createJpegTap(
    {
      name: `${cameraId} ${quality}`,
      url: () => dependencies.readUrl(cameraId, source),
      allFrames: true,
      onFrame(frame) {
        if (!showsCamera(status(), source)) return;
        if (isFirst) metrics.firstFrame.observe((clock.now() - startedMs) / 1000);
        isFirst = false;
        metrics.encoded.inc({ quality });
        const before = ring.latest();
        ring.put(frame);
        if (before?.width !== frame.width || before.height !== frame.height) notify();
        for (const listener of listeners) listener.onFrame(frame);
      },
      onChange() {
        const hasFailed = tap.failure() !== null;
        if (hasFailed && !failedBefore) {
          metrics.errors.inc({ reason: tap.failure()?.kind ?? '' });
          ring.clear();
        }
        failedBefore = hasFailed;
        if (source === 'sub' && isTemporary(tap.failure())) useMain();
        notify();
      },
    },
    dependencies,
  );
  tap.configure(tapSettingsOf(quality, source, status()));

  function restart(): void {
    tap.configure(null);
    tap.configure(tapSettingsOf(quality, source, status()));
  }

  /** The sub stream cannot be viewed. The main one is read until this stream ends, so that they do not alternate. */
  function useMain(): void {
    source = 'main';
    restart();
  }

  return {
    add: (listener) => void listeners.add(listener),
    remove: (listener) => void listeners.delete(listener),
    latest: () => ring.latest(),
    state: () =>
      streamStateOf({ status: status(), source, failure: tap.failure(), hasFrame: ring.latest() !== null }),
    statusChanged() {
      const { phase, sub } = status() ?? {};
      if (source === 'sub' && sub?.status !== 'True' && phase !== 'STOPPED') useMain();
      if (!showsCamera(status(), source)) ring.clear();
      // The camera sends again: the next attempt could be many seconds away.
      else if (isTemporary(tap.failure())) restart();
      else tap.configure(tapSettingsOf(quality, source, status()));
      notify();
    },
    stop: () => tap.stop(),
  };
}

function isTemporary(failure: { kind: string } | null): boolean {
  return failure !== null && failure.kind !== 'ProcessorLimitExceeded';
}
