import type { VideoMode } from '@camplane/contracts/camera';
import type { Consequence, ProbedSource, WillRun } from '@camplane/contracts/camera-http';
import { videoCodecName } from '@camplane/contracts/video-codec-name';

/** What was observed of a source; null: not known. */
export type SourceObservation = {
  video: { codec: string; width: number; height: number; fps: number | null; hasBFrames: boolean };
  audio: { codec: string; isSent: boolean | null } | null;
  source: ProbedSource;
  /** Why the video cannot be published as it is, as a sentence; null if it can. */
  copyRefusal: string | null;
};

export type SourceExplanation = {
  advice: string[];
  consequences: Consequence[];
  suggestedMode: 'copy' | 'transcode';
  willRun: WillRun[];
};

const modes: readonly VideoMode[] = ['copy', 'transcode', 'overlay'];
/** Codecs that FFmpeg 5.1 can publish over RTSP without encoding. */
const publishedCodecs = new Set(['h264', 'h265', 'mjpeg', 'mpeg4', 'vp8', 'vp9']);
/** Above it, a viewer waits noticeably for the first picture. */
const longKeyFrameIntervalS = 4;

/** What follows from a source: problems with their remedies, the consequences of each use, and what runs. */
export function explainSource(given: SourceObservation, mode: VideoMode = 'copy'): SourceExplanation {
  const observed = asPublished(given);
  return {
    advice: [...(mode === 'copy' ? copyPolicies : []), ...policies]
      .map((policy) => policy(observed))
      .filter((text) => text !== null),
    consequences: [
      { about: 'browsers', text: inBrowsers(observed) },
      { about: 'homekit', text: inHomeKit(observed) },
      { about: 'detection', text: forDetection(observed) },
      { about: 'cost', text: costOf(observed) },
    ],
    suggestedMode: isPlainH264(observed) ? 'copy' : 'transcode',
    willRun: modes.flatMap((mode) => [false, true].map((audio) => evaluate(observed, mode, audio))),
  };
}

/** A test pattern is encoded in every mode. */
function asPublished(observed: SourceObservation): SourceObservation {
  if (observed.source.kind !== 'test') return observed;
  return { ...observed, video: { ...observed.video, codec: 'h264' } };
}

type Policy = (observed: SourceObservation) => string | null;

/** What concerns viewers of the camera's own video, most important first. */
const copyPolicies: readonly Policy[] = [
  ({ video }) => {
    if (video.codec === 'h264') return null;
    return `The camera sends ${videoCodecName(video.codec)}, which browsers do not play over WebRTC. Choose H.264 in the camera, or mode transcode, which takes about ${transcodeShare(video)} of a core.`;
  },
  ({ video }) => {
    if (video.codec !== 'h264' || !video.hasBFrames) return null;
    return 'The camera sends B-frames, which WebRTC does not support. Turn them off in the camera (profile Baseline does too), or choose mode transcode.';
  },
  (observed) => refusalOfCopy(observed),
  ({ source }) => {
    if (source.intraRefresh !== true) return null;
    return 'The camera sends no key frames (intra refresh): HLS cannot start, and other viewers wait for a picture. Turn intra refresh off in the camera (also called GDR or smart codec), or choose mode transcode.';
  },
];

const policies: readonly Policy[] = [
  ({ source: { keyFrameIntervalS: seconds } }) => {
    if (seconds === null || seconds <= longKeyFrameIntervalS) return null;
    return `A key frame comes every ${round(seconds)} s: viewers wait up to that long for the first picture, and HLS is late. Set the key-frame interval (I-frame interval, GOP) in the camera to 1 or 2 s, and turn a smart codec (H.264+) off.`;
  },
  ({ audio }) => {
    if (audio?.isSent !== false) return null;
    return 'The camera announces sound and sends none. Turn its microphone on, or leave sound off.';
  },
  ({ source }) => {
    if (source.kind !== 'snapshot') return null;
    return 'The address returns one picture, which is requested again and again. If the camera has a stream address, it costs less and shows more.';
  },
  ({ video }) => {
    if (video.fps === null || video.fps >= 5) return null;
    return `The camera sends ${round(video.fps)} pictures per second. Motion between them is not seen. Choose 10 or more in the camera if you can.`;
  },
];

function inBrowsers({ video, source }: SourceObservation): string {
  const { codec } = video;
  if (codec === 'h264' && !video.hasBFrames && source.intraRefresh !== true) {
    return 'In mode copy it plays over WebRTC and HLS.';
  }
  if (codec === 'h264') return 'In mode copy it plays over HLS at most; modes transcode and overlay play.';
  if (codec === 'h265') {
    return 'In mode copy it plays over HLS in browsers that decode H.265, and not over WebRTC; modes transcode and overlay play.';
  }
  return 'In mode copy it does not play; modes transcode and overlay play.';
}

function inHomeKit({ video }: SourceObservation): string {
  const isSmall = video.width * video.height <= 1920 * 1080 && (video.fps ?? 0) <= 31;
  const fits = video.codec === 'h264' && !video.hasBFrames && isSmall;
  return fits
    ? 'The stream has the form that HomeKit takes (H.264, up to 1080p at 30 fps), but Camplane has no HomeKit yet.'
    : 'HomeKit takes H.264 without B-frames, up to 1080p at 30 fps. Camplane has no HomeKit yet.';
}

function forDetection({ source, video }: SourceObservation): string {
  const { keyFrameIntervalS: seconds } = source;
  if (seconds !== null && seconds <= 0.55 && video.codec !== 'mjpeg') {
    return 'At 2 frames per second key frames suffice, which is cheapest.';
  }
  const share = percent(pixelRate(video) * decodeCoresPerPixel);
  return `At 2 frames per second every frame is decoded: about ${share} of a core.`;
}

function costOf({ video }: SourceObservation): string {
  const overlay = percent(pixelRate(video) * overlayCoresPerPixel * effort(video));
  return `Mode copy takes about 0.5 % of a core, transcode ${transcodeShare(video)}, overlay ${overlay} (estimates).`;
}

function transcodeShare(video: SourceObservation['video']): string {
  return percent(pixelRate(video) * transcodeCoresPerPixel * effort(video));
}

/** H.265 takes longer to decode. */
function effort({ codec }: SourceObservation['video']): number {
  return codec === 'h265' ? 1.5 : 1;
}

/** From 720p at 15 fps: docs/reference/measurements.md. */
const pixelsPerSecond = 1280 * 720 * 15;
const decodeCoresPerPixel = 0.03 / pixelsPerSecond;
const transcodeCoresPerPixel = 0.09 / pixelsPerSecond;
const overlayCoresPerPixel = 0.17 / pixelsPerSecond;
/** Where the rate is not known. */
const usualFps = 15;

function pixelRate({ width, height, fps }: SourceObservation['video']): number {
  return width * height * (fps ?? usualFps);
}

function evaluate(observed: SourceObservation, mode: VideoMode, audio: boolean): WillRun {
  const refusal = mode === 'copy' ? refusalOfCopy(observed) : null;
  if (refusal !== null) return { mode, audio, runs: false, message: refusal };
  return { mode, audio, runs: true, message: audio ? missingSound(observed) : null };
}

function refusalOfCopy({ video, copyRefusal }: SourceObservation): string | null {
  if (copyRefusal !== null)
    return `${copyRefusal} Choose mode transcode, or other JPEG settings in the camera.`;
  if (publishedCodecs.has(video.codec)) return null;
  return `Mode copy cannot pass ${videoCodecName(video.codec)} on over RTSP. Choose mode transcode.`;
}

function missingSound({ audio }: SourceObservation): string | null {
  if (audio === null) return 'The source has no sound: it runs without.';
  return audio.isSent === false ? 'The camera sends no sound: it runs without.' : null;
}

function isPlainH264({ video, source }: SourceObservation): boolean {
  return video.codec === 'h264' && !video.hasBFrames && source.intraRefresh !== true;
}

function round(value: number): string {
  return String(Number(value.toPrecision(2)));
}

function percent(cores: number): string {
  return `${Math.max(1, Number((cores * 100).toPrecision(2)))} %`;
}
