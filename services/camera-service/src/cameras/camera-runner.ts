import type { CameraConfig } from '@camplane/contracts/camera';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import type { StreamQuality } from '@camplane/contracts/camera-id';
import { isStatusChange } from '@camplane/contracts/status-change';
import type { JpegFrame } from '@camplane/jpeg-tap/jpeg-frame';
import type { PathObservation } from '@camplane/mediamtx/path-keeper';
import type { ViewerAddresses } from '@camplane/mediamtx/viewer-addresses';
import { endpointsOf } from '@camplane/mediamtx/viewer-addresses';
import { createFrameQueue } from '../frames/frame-queue.ts';
import type { PublishFrame } from '../frames/frame-queue.ts';
import { createLatestFrame } from '../frames/latest-frame.ts';
import { composeStatus } from '../status/camera-status.ts';
import type { Reader } from '../stream/own-readers.ts';
import { createStreamRunner } from '../stream/stream-runner.ts';
import type { StreamRunner } from '../stream/stream-runner.ts';
import type { StreamDependencies } from '../stream/stream-dependencies.ts';
import { streamSettings } from '../stream/stream-settings.ts';
import type { StreamSettings } from '../stream/stream-settings.ts';

/** One camera: its main stream, its sub stream if it has one, its latest frame and its status. */
export type CameraRunner = {
  apply(camera: CameraConfig): void;
  readerArrived(quality: StreamQuality, reader: Reader): void;
  observe(paths: ReadonlyMap<string, PathObservation>): void;
  status(): CameraStatus;
  latestFrame(): JpegFrame | null;
  /** Tells its status whether or not there is news. */
  heartbeat(): void;
  stop(): Promise<void>;
};

export function createCameraRunner(
  initial: CameraConfig,
  dependencies: StreamDependencies & {
    maxFps: number;
    addresses: ViewerAddresses;
    publishFrame: PublishFrame;
  },
  onStatus: (status: CameraStatus) => void,
): CameraRunner {
  let camera = initial;
  let lastStatus: CameraStatus | null = null;
  let stopped = false;
  const latest = createLatestFrame();
  const frames = createFrameQueue({
    publish: (frame) => dependencies.publishFrame(camera.id, frame),
    onDropped: () => dependencies.metrics.dropped.inc({ camera: camera.id, stream: 'main', stage: 'bus' }),
  });
  let sub: { settings: StreamSettings; runner: StreamRunner } | null = null;
  /** The sub stream that is being stopped; one that follows waits for it: they share a path. */
  let subEnding: Promise<void> | null = null;

  const mainSettings = settingsOf('main');
  if (!mainSettings) throw new Error('a camera has a main stream');
  let main: { settings: StreamSettings; runner: StreamRunner } | null = null;
  main = { settings: mainSettings, runner: runnerOf(mainSettings) };
  reconcileSub();

  function settingsOf(quality: StreamQuality): StreamSettings | null {
    return streamSettings(camera, quality, dependencies.maxFps);
  }

  function runnerOf(settings: StreamSettings): StreamRunner {
    return createStreamRunner(settings, dependencies, {
      onChange: publishNews,
      onFrame: (frame) => {
        latest.put(frame);
        frames.offer({ ...frame, detection: camera.spec.detection });
      },
      onFramesDiscarded: () => {
        latest.clear();
      },
    });
  }

  function reconcileSub(): void {
    const settings = settingsOf('sub');
    if (settings && sub) {
      sub.settings = settings;
      sub.runner.apply(settings);
    } else if (settings) {
      // What is wanted when its predecessor has ended is looked at then.
      if (!subEnding && !stopped) sub = { settings, runner: runnerOf(settings) };
    } else if (sub) {
      const ending = sub.runner;
      sub = null;
      subEnding = ending
        .stop()
        .catch((error: unknown) => {
          dependencies.log.error({ camera: camera.id, err: error }, 'the sub stream could not be stopped');
        })
        .then(() => {
          subEnding = null;
          reconcileSub();
          publishNews();
        });
    }
  }

  function compose(): CameraStatus {
    // While the runner of the main stream is being made it already reports; there is nothing to tell yet.
    if (!main) throw new Error('the camera is not made yet');
    const viewers = main.runner.viewers();
    const subViewers = sub?.runner.viewers() ?? { total: 0, webrtc: 0, hls: 0 };
    return composeStatus({
      cameraId: camera.id,
      main: main.runner.facts(),
      viewers: {
        total: viewers.total + subViewers.total,
        webrtc: viewers.webrtc + subViewers.webrtc,
        hls: viewers.hls + subViewers.hls,
      },
      endpoints: endpointsOf(camera.id, sub !== null, dependencies.addresses),
      previous: lastStatus?.conditions ?? [],
      nowMs: dependencies.clock.now(),
      epochMs: dependencies.wallClock.epochMs(),
    });
  }

  function publishNews(): void {
    if (stopped || !main) return;
    const status = compose();
    if (isStatusChange(lastStatus, status)) tell(status);
  }

  function tell(status: CameraStatus): void {
    lastStatus = status;
    onStatus(status);
  }

  publishNews();

  return {
    apply(next) {
      const startAsked = next.startRequestedAt !== camera.startRequestedAt;
      camera = next;
      const settings = settingsOf('main');
      if (main && settings) {
        main.settings = settings;
        main.runner.apply(settings);
        if (startAsked) main.runner.startNow();
      }
      reconcileSub();
      publishNews();
    },
    readerArrived(quality, reader) {
      (quality === 'main' ? main : sub)?.runner.readerArrived(reader);
    },
    observe(paths) {
      for (const stream of [main, sub]) stream?.runner.observe(paths.get(stream.settings.path));
      publishNews();
    },
    status: () => compose(),
    latestFrame: () => latest.get(),
    heartbeat() {
      tell(compose());
    },
    async stop() {
      stopped = true;
      frames.clear();
      await Promise.all([main?.runner.stop(), sub?.runner.stop(), subEnding]);
      // The last word: whoever waits for the stop hears it, unless the camera is gone by then.
      tell({
        ...compose(),
        phase: 'STOPPED',
        reason: 'Removed',
        message: 'The camera is no longer run here.',
        isRunning: false,
      });
    },
  };
}
