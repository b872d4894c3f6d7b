import { buildCopy } from '@camplane/ffmpeg/arguments/copy';
import { buildTranscode } from '@camplane/ffmpeg/arguments/transcode';
import { createClockWatch } from '@camplane/ffmpeg/clock-jump';
import { limitsOf } from '@camplane/ffmpeg/process-limits';
import type { TapSettings } from '@camplane/jpeg-tap/frame-request';
import type { JpegFrame } from '@camplane/jpeg-tap/jpeg-frame';
import { RunFailure } from '@camplane/supervisor/run-failure';
import { runOverlay } from '../overlay/run-overlay.ts';
import type { Drawing } from '../overlay/worker-messages.ts';
import { runFfmpeg } from './run-ffmpeg.ts';
import type { OpenedStream } from './open-stream.ts';
import type { StreamDependencies } from './stream-dependencies.ts';
import type { StreamPlan } from './stream-plan.ts';
import type { StreamSettings } from './stream-settings.ts';

export type SessionOptions = {
  settings: StreamSettings;
  plan: StreamPlan;
  opened: OpenedStream;
  dependencies: StreamDependencies;
  /** Number of video frames published since the last call. */
  onFrames(count: number): void;
  /** The source sends, though no frame has been published yet. */
  onActivity(): void;
  /** The frames requested now: overlay mode takes them from its own decoder. */
  frames: () => TapSettings | null;
  /** Drawn in overlay mode. */
  drawing: () => Drawing;
  onFrame(frame: JpegFrame): void;
  onDropped(count: number): void;
  onStderrLine(line: string): void;
};

/** For sources that do not state their frame rate. */
const assumedFps = 15;

/**
 * Publishes a source to MediaMTX. Resolves after an abort, throws RunFailure with the first reason if a process
 * exits on its own, never retries.
 */
export function runSession(options: SessionOptions, signal: AbortSignal): Promise<void> {
  return options.settings.mode === 'overlay'
    ? runWithOverlay(options, signal)
    : runFromSource(options, signal);
}

async function runFromSource(options: SessionOptions, signal: AbortSignal): Promise<void> {
  const { settings, plan, dependencies, onFrames, onActivity, onStderrLine } = options;
  const build = settings.mode === 'transcode' ? buildTranscode : buildCopy;
  // A relay has bridged jumps: what still goes back does so in another one too.
  const isJump = createClockWatch(options.opened.relay === null ? {} : { backwardMax: Infinity });
  await runFfmpeg({
    name: `${settings.path} video`,
    ffmpegPath: dependencies.ffmpegPath,
    limits: limitsOf(dependencies.ffmpegLimits, settings.mode === 'transcode' ? 'encode' : 'copy'),
    invocation: build({
      ...inputOf(options),
      target: dependencies.publishUrl(settings.path),
      audio: plan.audio,
      isDescribed: isDescribed(options),
      needsRate: settings.mode === 'transcode' && plan.source.codec === 'mjpeg',
    }),
    failureOf: (line) =>
      isJump(line) ? new RunFailure('ClockJumped', 'The timestamps of the camera jumped.') : null,
    onFrames,
    onActivity,
    onStderrLine,
    signal,
  });
}

/** What FFmpeg opens. A relay needs no login. */
function inputOf({ settings, opened, dependencies }: SessionOptions) {
  const { transport, credentials } = settings;
  const { mediaFolder } = dependencies;
  if (opened.relay === null) {
    const { source, gateway } = opened.direct;
    return { source, gateway, transport, credentials, mediaFolder };
  }
  const { url, format } = opened.relay;
  const source = { kind: 'relay', url, format } as const;
  return { source, gateway: null, transport, credentials: null, mediaFolder };
}

/** H.264 with parameter sets in the description: FFmpeg knows all that it needs before the first picture. */
function isDescribed({ settings, opened }: SessionOptions): boolean {
  const { codec, width } = opened.facts;
  return settings.source.kind === 'rtsp' && codec === 'h264' && width !== null;
}

async function runWithOverlay(options: SessionOptions, signal: AbortSignal): Promise<void> {
  const { settings, plan, dependencies } = options;
  const { width, height, fps } = options.opened.facts;
  if (width === null || height === null) {
    throw new RunFailure('NoVideo', 'The size of the video is unknown.');
  }
  await runOverlay({
    ...inputOf(options),
    target: dependencies.publishUrl(settings.path),
    width,
    height,
    fps: fps ?? assumedFps,
    sound: plan.audio,
    cameraName: settings.displayName,
    overlay: settings.overlay,
    drawing: options.drawing,
    boxes: () => dependencies.boxes(settings.cameraId),
    frames: options.frames,
    onJpeg: options.onFrame,
    onFrames: options.onFrames,
    onDropped: options.onDropped,
    signal,
    log: dependencies.log,
    folder: dependencies.runFolder,
    ffmpegPath: dependencies.ffmpegPath,
    ffmpegLimits: dependencies.ffmpegLimits,
  });
}
