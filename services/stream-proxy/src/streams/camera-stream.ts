import { jpegQualities } from '@camplane/contracts/jpeg-stream';
import type { JpegQuality } from '@camplane/contracts/jpeg-stream';
import type { JpegFrame } from '@camplane/jpeg-tap/jpeg-frame';
import { createJpegTap } from '@camplane/jpeg-tap/jpeg-tap';
import type { JpegTapDependencies } from '@camplane/jpeg-tap/jpeg-tap';
import { createFrameRing } from './frame-ring.ts';
import type { VideoStatus } from './follow-status.ts';
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
  /** RTSP address of a camera's video, for one connection. */
  readUrl(cameraId: string): string;
  status(cameraId: string): VideoStatus | undefined;
  framesMax: number;
  metrics: StreamMetrics;
};

export function createCameraStream(
  { cameraId, quality }: { cameraId: string; quality: JpegQuality },
  dependencies: CameraStreamDependencies,
): CameraStream {
  const { metrics, clock } = dependencies;
  const { jpegQuality, ...size } = jpegQualities[quality];
  const settings = { ...size, quality: jpegQuality, keyFramesOnly: false };
  const listeners = new Set<StreamListener>();
  const ring = createFrameRing<JpegFrame>(dependencies.framesMax);
  const status = (): VideoStatus | undefined => dependencies.status(cameraId);
  const startedMs = clock.now();
  let isFirst = true;
  let failedBefore = false;

  const notify = (): void => listeners.forEach((listener) => listener.onState());

  const tap = createJpegTap(
    {
      name: `${cameraId} ${quality}`,
      url: () => dependencies.readUrl(cameraId),
      allFrames: true,
      onFrame(frame) {
        if (!showsCamera(status())) return;
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
        notify();
      },
    },
    dependencies,
  );
  tap.configure(settings);

  return {
    add: (listener) => void listeners.add(listener),
    remove: (listener) => void listeners.delete(listener),
    latest: () => ring.latest(),
    state: () =>
      streamStateOf({ status: status(), failure: tap.failure(), hasFrame: ring.latest() !== null }),
    statusChanged() {
      if (!showsCamera(status())) ring.clear();
      else if (tap.failure() && tap.failure()?.kind !== 'ProcessorLimitExceeded') {
        // The camera sends again: the next attempt could be many seconds away.
        tap.configure(null);
        tap.configure(settings);
      }
      notify();
    },
    stop: () => tap.stop(),
  };
}
