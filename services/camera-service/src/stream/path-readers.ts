import { createJpegTap } from '@camplane/jpeg-tap/jpeg-tap';
import type { TapSettings } from '@camplane/jpeg-tap/frame-request';
import type { JpegFrame } from '@camplane/jpeg-tap/jpeg-frame';
import type { PathObservation } from '@camplane/mediamtx/path-observation';
import type { Published } from '../sample/path-reading.ts';
import { createPathWatch } from '../sample/path-watch.ts';
import type { StreamFacts } from '../status/stream-facts.ts';
import { createOwnReaders } from './own-readers.ts';
import type { StreamDependencies } from './stream-dependencies.ts';
import type { StreamSettings } from './stream-settings.ts';
import { countViewers } from './viewers.ts';
import type { ViewerCounts } from './viewers.ts';

/** Camplane's own readers of a live path: the tap that takes JPEG frames, and the samples that show what viewers get. */
export type PathReaders = {
  videoStarted(): void;
  videoEnded(): void;
  /** What the tap has to deliver; null: nothing. */
  takeFrames(settings: TapSettings | null): void;
  /** A JPEG frame of the video was delivered, by the tap or by overlay mode. */
  frameDelivered(): void;
  /** MediaMTX accepted one of them, by its id there. */
  arrived(id: string): void;
  /** What MediaMTX reports, about once a second. Returns the viewers: the readers that are not Camplane's own. */
  observe(path: PathObservation | undefined, fps: number | null): ViewerCounts;
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
  const ownReaders = createOwnReaders();
  const url = () => dependencies.tapUrl(path);
  const tap = createJpegTap({ name: path, url, onFrame: options.onFrame }, dependencies);
  const watch = createPathWatch({
    ...{ url, sampler, clock, published: options.published },
    onChange() {
      metrics.readable.set(labels, watch.reading().isReadable === true ? 1 : 0);
      options.onChange();
    },
  });
  return {
    videoStarted() {
      metrics.readable.set(labels, 0);
      watch.started();
    },
    videoEnded: watch.ended,
    takeFrames: tap.configure,
    frameDelivered: watch.frameDelivered,
    arrived: ownReaders.arrived,
    observe(observed, fps) {
      watch.observe(observed, 1000 / (fps ?? 1));
      return countViewers(observed, ownReaders);
    },
    facts: () => ({ reading: watch.reading(), tapFailure: tap.failure() }),
    stop() {
      watch.ended();
      return tap.stop();
    },
  };
}
