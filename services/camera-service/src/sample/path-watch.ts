import type { PathObservation } from '@camplane/mediamtx/path-observation';
import type { Clock } from '@camplane/runtime/clock';
import { initialReading, readingAfter, sampleLimits } from './path-reading.ts';
import type { PathReading, Published, ReadingEvent, ReadingState } from './path-reading.ts';
import type { PathSampler } from './path-sampler.ts';

/** Watches whether readers of a live path get pictures, and samples it when that is not known otherwise. */
export type PathWatch = {
  started(): void;
  ended(): void;
  /** A JPEG frame of this video was delivered. */
  frameDelivered(): void;
  /** About once a second. */
  observe(path: PathObservation | undefined, frameIntervalMs: number): void;
  reading(): PathReading;
};

export function createPathWatch(options: {
  /** The RTSP address of the path, for one connection. */
  url: () => string;
  sampler: PathSampler;
  clock: Clock;
  published(): Published;
  onChange(): void;
}): PathWatch {
  const { clock, published } = options;
  let state: ReadingState = initialReading;
  let live: AbortController | null = null;
  let isSampling = false;
  let seenTracks: string | null = null;
  let seenErrors = 0;

  function dispatch(event: ReadingEvent): void {
    const before = readingOf(state);
    state = readingAfter(state, event, clock.now());
    if (JSON.stringify(readingOf(state)) !== JSON.stringify(before)) options.onChange();
    sampleIfDue();
  }

  function sampleIfDue(): void {
    if (!live || isSampling || state.sampleAtMs === null || clock.now() < state.sampleAtMs) return;
    isSampling = true;
    const run = live;
    const current = published();
    const request = {
      url: options.url,
      codec: current.codec,
      countsPictures: current.isCopied && current.codec === 'h264',
      hasSound: current.hasSound === true,
      ...sampleLimits(state, current),
    };
    // A copied MJPEG may be decoded with another size: the whole sample decides.
    const onDecoded = () => {
      if (live === run && current.codec !== 'mjpeg') dispatch({ type: 'decoded' });
    };
    options.sampler.sample(request, run.signal, onDecoded).then(
      (sample) => {
        isSampling = false;
        if (live === run) dispatch({ type: 'sampled', sample, published: current });
        else sampleIfDue();
      },
      () => {
        isSampling = false;
        sampleIfDue();
      },
    );
  }

  return {
    started() {
      live?.abort();
      live = new AbortController();
      seenTracks = null;
      dispatch({ type: 'live', published: published() });
    },
    ended() {
      live?.abort();
      live = null;
      dispatch({ type: 'ended' });
    },
    frameDelivered() {
      if (live) dispatch({ type: 'frame', isCopied: published().isCopied });
    },
    observe(path, frameIntervalMs) {
      if (!live) return;
      if (path?.online === true) {
        const tracks = JSON.stringify(path.tracks);
        const isChanged =
          seenTracks !== null && (tracks !== seenTracks || path.inboundFramesInError > seenErrors);
        seenTracks = tracks;
        seenErrors = path.inboundFramesInError;
        if (isChanged) dispatch({ type: 'pathChanged' });
      }
      dispatch({ type: 'tick', frameIntervalMs });
    },
    reading: () => readingOf(state),
  };
}

function readingOf({ isReadable, problem, browser }: ReadingState): PathReading {
  return { isReadable, problem, browser };
}
