import { createJpegTap } from '@camplane/jpeg-tap/jpeg-tap';
import type { TapSettings } from '@camplane/jpeg-tap/frame-request';
import type { JpegFrame } from '@camplane/jpeg-tap/jpeg-frame';
import type { PathObservation } from '@camplane/mediamtx/path-observation';
import type { Published } from '../sample/path-reading.ts';
import { createPathWatch } from '../sample/path-watch.ts';
import type { StreamFacts } from '../status/stream-facts.ts';
import type { StreamDependencies } from './stream-dependencies.ts';
import type { StreamSettings } from './stream-settings.ts';

/** Camplane's own readers of a live path: the tap that takes JPEG frames, and the samples that show what viewers get. */
export type PathReaders = {
  videoStarted(): void;
  videoEnded(): void;
  /** What the tap has to deliver; null: nothing. */
  takeFrames(settings: TapSettings | null): void;
  /** A JPEG frame of the video was delivered, by the tap or by overlay mode. */
  frameDelivered(): void;
  /** About once a second. */
  observe(path: PathObservation | undefined, fps: number | null): void;
  facts(): Pick<StreamFacts, 'reading' | 'tapFailure'>;
  stop(): Promise<void>;
};

export function createPathReaders(
  { cameraId, quality, path }: Pick<StreamSettings, 'cameraId' | 'quality' | 'path'>,
  dependencies: StreamDependencies,
  options: { published(): Published; onFrame(frame: JpegFrame): void; onChange(): void },
): PathReaders {
  const { sampler, clock, metrics } = dependencies;
  const labels = { camera: cameraId, stream: quality };
  const url = dependencies.tapUrl(path);
  const tap = createJpegTap({ name: path, url, onFrame: options.onFrame }, dependencies);
  const watch = createPathWatch({
    ...{ url, sampler, clock, published: options.published },
    onChange() {
      metrics.readable.set(labels, watch.reading().isReadable === true ? 1 : 0);
      options.onChange();
    },
  });
  return {
    videoStarted: watch.started,
    videoEnded: watch.ended,
    takeFrames: tap.configure,
    frameDelivered: watch.frameDelivered,
    observe: (observed, fps) => watch.observe(observed, 1000 / (fps ?? 1)),
    facts: () => ({ reading: watch.reading(), tapFailure: tap.failure() }),
    stop() {
      watch.ended();
      return tap.stop();
    },
  };
}
