import type { CameraConfig } from '@camplane/contracts/camera';
import { mediaPath } from '@camplane/contracts/camera-id';
import type { StreamQuality } from '@camplane/contracts/camera-id';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import { isStatusChange } from '@camplane/contracts/status-change';
import type { PathObservation } from '@camplane/mediamtx/path-observation';
import type { ViewerAddresses } from '@camplane/mediamtx/viewer-addresses';
import { endpointsOf } from '@camplane/mediamtx/viewer-addresses';
import { createCameraFrames } from '../frames/camera-frames.ts';
import type { CameraFrames } from '../frames/camera-frames.ts';
import type { PublishFrame } from '../frames/frame-queue.ts';
import type { CameraFacts } from '../status/camera-facts.ts';
import { composeStatus } from '../status/camera-status.ts';
import type { Reader } from '../stream/own-readers.ts';
import type { StreamDependencies } from '../stream/stream-dependencies.ts';
import { createStreamRunner } from '../stream/stream-runner.ts';
import type { StreamRunner } from '../stream/stream-runner.ts';
import { requireStreamSettings, streamSettings } from '../stream/stream-settings.ts';
import { addViewers, noViewers } from '../stream/viewers.ts';
import { createRunnerSlot } from './runner-slot.ts';
import { createSubStreamCheck } from './sub-stream-check.ts';

/** One camera: its main stream, its sub stream if it has one, its frames and its status. */
export type CameraRunner = {
  apply(camera: CameraConfig): void;
  readerArrived(quality: StreamQuality, reader: Reader): void;
  observe(paths: ReadonlyMap<string, PathObservation>): void;
  status(): CameraStatus;
  readonly frames: Pick<CameraFrames, 'latest' | 'subscribe' | 'tapSettings'>;
  /** Reports the status even if it has not changed. */
  heartbeat(): void;
  stop(): Promise<void>;
};

export type CameraDependencies = StreamDependencies & {
  maxFps: number;
  addresses: ViewerAddresses;
  publishFrame: PublishFrame;
};

export function createCameraRunner(
  initial: CameraConfig,
  dependencies: CameraDependencies,
  onStatus: (status: CameraStatus) => void,
): CameraRunner {
  const { id } = initial;
  const { log, metrics } = dependencies;
  let camera = initial;
  let lastStatus: CameraStatus | null = null;
  let stopped = false;
  let main: StreamRunner | null = null;
  const frames = createCameraFrames({
    fpsMax: dependencies.maxFps,
    now: () => dependencies.clock.now(),
    publish: (frame) => dependencies.publishFrame(id, frame),
    onDropped: () => metrics.dropped.inc({ camera: id, stream: 'main', stage: 'bus' }),
    onTapSettings: (settings) => main?.takeFrames(settings),
  });
  const events = {
    onChange: reportChange,
    onFrame: frames.deliver,
    onFramesDiscarded: frames.discard,
  };
  main = createStreamRunner(requireStreamSettings(camera, 'main'), dependencies, events);
  const sub = createRunnerSlot({
    create: (settings: NonNullable<ReturnType<typeof streamSettings>>) =>
      createStreamRunner(settings, dependencies, events),
    onEnded: reportChange,
    onError: (error, action) =>
      log.error({ camera: id, stream: 'sub', err: error }, `${action} the sub stream failed`),
  });
  const subCheck = createSubStreamCheck({ ...dependencies, onChange: reportChange });
  frames.configure(camera);
  sub.set(streamSettings(camera, 'sub'));
  reportChange();

  function compose(stream: StreamRunner): CameraStatus {
    return composeStatus({
      cameraId: id,
      facts: factsOf(stream),
      viewers: addViewers(stream.viewers(), sub.runner?.viewers() ?? noViewers),
      endpoints: endpointsOf(id, camera.spec.source.subUrl !== null, dependencies.addresses),
      previous: lastStatus?.conditions ?? [],
      epochMs: dependencies.wallClock.epochMs(),
    });
  }

  function factsOf(stream: StreamRunner): CameraFacts {
    const settings = streamSettings(camera, 'sub');
    return {
      main: stream.facts(),
      detection: frames.detectionFrames(),
      sub: settings && { stream: sub.runner?.facts() ?? null, check: subCheck.answer(settings) },
      nowMs: dependencies.clock.now(),
    };
  }

  /** Streams report changes while they are created, before there is a status. */
  function reportChange(): void {
    if (stopped || !main) return;
    const status = compose(main);
    if (isStatusChange(lastStatus, status)) report(status);
  }

  function report(status: CameraStatus): void {
    lastStatus = status;
    onStatus(status);
  }

  const stream = main;
  return {
    apply(next) {
      const isStartRequested = next.startRequestedAt !== camera.startRequestedAt;
      camera = next;
      stream.apply(requireStreamSettings(camera, 'main'));
      if (isStartRequested) stream.startNow();
      frames.configure(camera);
      sub.set(streamSettings(camera, 'sub'));
      reportChange();
    },
    readerArrived(quality, reader) {
      (quality === 'main' ? stream : sub.runner)?.readerArrived(reader);
    },
    observe(paths) {
      stream.observe(paths.get(mediaPath(id, 'main')));
      sub.runner?.observe(paths.get(mediaPath(id, 'sub')));
      subCheck.observe(streamSettings(camera, 'sub'), stream.facts().run, sub.runner?.facts().run);
      reportChange();
    },
    status: () => compose(stream),
    frames,
    heartbeat: () => report(compose(stream)),
    async stop() {
      stopped = true;
      frames.stop();
      subCheck.stop();
      await Promise.all([stream.stop(), sub.close()]);
      // The last status: clients that wait for the stop receive it, unless the camera was deleted.
      report({
        ...compose(stream),
        phase: 'STOPPED',
        reason: 'Removed',
        message: 'The camera no longer runs here.',
        isRunning: false,
      });
    },
  };
}
