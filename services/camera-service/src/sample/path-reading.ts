import type { PathSample, SampleRequest } from './sample-path.ts';

/** What browsers need to know about the video; null: not known yet. */
export type BrowserFacts = {
  hasBFrames: boolean | null;
  /** IDR pictures, at which players start. */
  hasKeyFrames: boolean | null;
  /** FFmpeg's name, such as `yuv420p`. */
  pixelFormat: string | null;
};

/** What readers of a path get. */
export type PathReading = {
  /** Whether they get pictures that can be decoded; null: not seen yet, or not live. */
  isReadable: boolean | null;
  /** Why not; set while `isReadable` is false. */
  problem: { reason: ReadingProblem; message: string } | null;
  /** From the latest sample, also of an earlier run; null before the first one. */
  browser: BrowserFacts | null;
};

export const readingProblems = ['NotDecodable', 'NoKeyFrame'] as const;
export type ReadingProblem = (typeof readingProblems)[number];

export type ReadingState = PathReading & {
  /** Samples in a row in which nothing was decoded. */
  misses: number;
  /** When the next sample is due; null: none is needed. */
  sampleAtMs: number | null;
  sampledMs: number | null;
  /** Delivered by the tap, or by overlay mode. */
  frameMs: number | null;
};

/** How the video is published, as far as it matters to a sample. */
export type Published = {
  codec: string;
  /** Null: not known before. A copied MJPEG of another size is damaged. */
  size: { width: number; height: number } | null;
  isCopied: boolean;
  /** JPEG frames are taken of the path or of its encoder, which shows that it can be decoded. */
  hasFrames: boolean;
  hasSound?: boolean;
};

export type ReadingEvent =
  | { type: 'live'; published: Published }
  | { type: 'frame'; isCopied: boolean }
  /** A sample that is still running decoded a picture. */
  | { type: 'decoded' }
  | { type: 'sampled'; sample: PathSample; published: Published }
  /** MediaMTX reports other tracks, or damaged pictures. */
  | { type: 'pathChanged' }
  | { type: 'tick'; frameIntervalMs: number }
  | { type: 'ended' };

export const initialReading: ReadingState = {
  isReadable: null,
  problem: null,
  browser: null,
  misses: 0,
  sampleAtMs: null,
  sampledMs: null,
  frameMs: null,
};

/** Encoded video is sampled only if no frame arrives within this time. */
const framesWaitMs = 10_000;
const recheckMs = 300_000;
const unreadableRecheckMs = 120_000;
/** MediaMTX may have restarted, or may not have the path yet. */
const failedRetryMs = 3000;
const changeSpacingMs = 60_000;
/** A sample waits for a key frame, which some cameras send once a minute: first short, then longer. */
const timeoutsMs = [5000, 20_000, 75_000];
/** How many pictures are counted, and for how long after the first decoded one; `slow`: of a camera that showed too few. */
const counting = {
  usual: { picturesEnough: 8, settleMs: 2500 },
  slow: { picturesEnough: 4, settleMs: 40_000 },
};
/** A camera below 2 fps showed too few pictures. */
const unknownRecheckMs = 5000;
/** One late answer of a busy machine is not a verdict. */
const missesUntilNotDecodable = 2;

/** How long the next sample lasts at most. */
export function sampleLimits(
  { misses, problem, isReadable, browser }: ReadingState,
  published: Published,
): Pick<SampleRequest, 'timeoutMs' | 'settleMs' | 'picturesEnough'> {
  const isSlow = isReadable === true && published.isCopied && !isBrowserKnown(browser, published);
  // Every picture of MJPEG is a key frame.
  const needsKeyFrame = published.codec !== 'mjpeg';
  const longest = needsKeyFrame ? (problem?.reason === 'NotDecodable' ? 1 : timeoutsMs.length - 1) : 0;
  const step = isSlow ? longest : Math.min(misses, longest);
  return { timeoutMs: timeoutsMs[step] ?? 0, ...(isSlow ? counting.slow : counting.usual) };
}

/** The next state of what is known about the readers of a path. Pure. */
export function readingAfter(state: ReadingState, event: ReadingEvent, nowMs: number): ReadingState {
  switch (event.type) {
    case 'live': {
      const waitsForFrames = event.published.hasFrames && !event.published.isCopied;
      return { ...ended(state), sampleAtMs: waitsForFrames ? nowMs + framesWaitMs : nowMs };
    }
    case 'ended':
      return ended(state);
    case 'frame':
      return seen(
        { ...state, frameMs: nowMs, browser: event.isCopied ? state.browser : encodedVideo },
        // A copied stream is still sampled: frames do not show whether browsers play it.
        event.isCopied ? state.sampleAtMs : null,
      );
    case 'decoded':
      return seen(state, state.sampleAtMs);
    case 'sampled':
      return sampled(state, event, nowMs);
    case 'pathChanged': {
      const dueMs = Math.max(nowMs, (state.sampledMs ?? nowMs) + changeSpacingMs);
      return { ...state, sampleAtMs: Math.min(state.sampleAtMs ?? Infinity, dueMs) };
    }
    case 'tick': {
      // The frames that showed that the path can be read have stopped.
      const isSilent =
        state.frameMs !== null && nowMs - state.frameMs > framesWaitMs + 4 * event.frameIntervalMs;
      if (!isSilent) return state;
      return { ...state, frameMs: null, sampleAtMs: Math.min(state.sampleAtMs ?? Infinity, nowMs) };
    }
  }
}

const encodedVideo: BrowserFacts = { hasBFrames: false, hasKeyFrames: true, pixelFormat: 'yuv420p' };

function ended(state: ReadingState): ReadingState {
  return { ...initialReading, browser: state.browser };
}

function seen(state: ReadingState, sampleAtMs: number | null): ReadingState {
  return { ...state, isReadable: true, problem: null, misses: 0, sampleAtMs };
}

function sampled(
  before: ReadingState,
  { sample, published }: Extract<ReadingEvent, { type: 'sampled' }>,
  nowMs: number,
): ReadingState {
  const state = { ...before, sampledMs: nowMs, browser: browserFacts(before.browser, sample) };
  if (sample.decoded > 0 && !isDamaged(sample, published)) {
    const isKnown = !published.isCopied || isBrowserKnown(state.browser, published);
    const nextMs = state.frameMs !== null && isKnown ? null : nowMs + recheckMs;
    return seen(state, isKnown ? nextMs : nowMs + unknownRecheckMs);
  }
  const misses = state.misses + 1;
  // JPEG frames of this path prove the opposite.
  if (state.frameMs !== null) {
    const isKnown = !published.isCopied || isBrowserKnown(state.browser, published);
    return { ...state, misses, sampleAtMs: nowMs + (isKnown ? recheckMs : unknownRecheckMs) };
  }
  const hasFailed = sample.ending === 'failed';
  const waitsForKeyFrame =
    sample.received !== null && sample.received.pictures > 0 && sample.received.keyFrames === 0;
  const missesNeeded = waitsForKeyFrame || hasFailed ? timeoutsMs.length : missesUntilNotDecodable;
  if (misses < missesNeeded) return { ...state, misses, sampleAtMs: nowMs + (hasFailed ? failedRetryMs : 0) };
  const problem = waitsForKeyFrame ? noKeyFrame : notDecodable(published);
  const sampleAtMs = nowMs + (waitsForKeyFrame ? recheckMs : unreadableRecheckMs);
  return { ...state, misses, sampleAtMs, isReadable: false, problem };
}

function browserFacts(before: BrowserFacts | null, { decoded, picture, received }: PathSample): BrowserFacts {
  const { hasBFrames = null, hasKeyFrames = null, pixelFormat = null } = before ?? {};
  return {
    hasBFrames: bFramesIn(received) ?? hasBFrames,
    hasKeyFrames: keyFramesIn(received, decoded) ?? hasKeyFrames,
    pixelFormat: picture?.pixelFormat ?? pixelFormat,
  };
}

function bFramesIn(received: PathSample['received']): boolean | null {
  if (!received) return null;
  const { pictures, keyFrames, bFrames } = received;
  if (bFrames > 0) return true;
  return pictures >= 4 || (pictures >= 2 && keyFrames === pictures) ? false : null;
}

/** FFmpeg decodes from a key frame, or from a recovery point of intra refresh. */
function keyFramesIn(received: PathSample['received'], decoded: number): boolean | null {
  if (!received) return null;
  if (received.keyFrames > 0) return true;
  return decoded >= 4 ? false : null;
}

function isBrowserKnown(browser: BrowserFacts | null, { codec }: Published): boolean {
  return codec !== 'h264' || (browser?.hasBFrames ?? null) !== null;
}

/** RTP's header has 8 bits for the width and the height of a JPEG, in blocks of 8 pixels (RFC 2435, 3.1.5). */
function isDamaged({ picture }: PathSample, { codec, size, isCopied }: Published): boolean {
  if (!isCopied || codec !== 'mjpeg' || !picture || !size) return false;
  return Math.abs(picture.width - size.width) > 16 || Math.abs(picture.height - size.height) > 16;
}

function notDecodable({ codec, isCopied }: Published): NonNullable<PathReading['problem']> {
  const cause =
    codec === 'mjpeg' && isCopied
      ? 'RTSP carries MJPEG only up to 2040 pixels, in color, with standard Huffman tables. Choose mode transcode.'
      : isCopied
        ? 'Choose mode transcode, or another codec or profile in the camera.'
        : 'Restart the camera, and see the log.';
  return { reason: 'NotDecodable', message: `Readers get no picture that can be decoded. ${cause}` };
}

const noKeyFrame: NonNullable<PathReading['problem']> = {
  reason: 'NoKeyFrame',
  message:
    'The camera sends no key frame, so readers cannot start. Set a key-frame interval of 1 or 2 s in the camera, or choose mode transcode.',
};
