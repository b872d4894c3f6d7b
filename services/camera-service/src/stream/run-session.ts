import type { SourceFacts } from '@camplane/camera-source/source-facts';
import { buildCopy } from '@camplane/ffmpeg/arguments/copy';
import { buildTranscode } from '@camplane/ffmpeg/arguments/transcode';
import { isClockJump } from '@camplane/ffmpeg/clock-jump';
import type { TapSettings } from '@camplane/jpeg-tap/frame-request';
import type { JpegFrame } from '@camplane/jpeg-tap/jpeg-frame';
import { RunFailure } from '@camplane/supervisor/run-failure';
import { runOverlay } from '../overlay/run-overlay.ts';
import type { Drawing } from '../overlay/worker-messages.ts';
import { runFfmpeg } from './run-ffmpeg.ts';
import type { StreamDependencies } from './stream-dependencies.ts';
import type { StreamPlan } from './stream-plan.ts';
import type { StreamSettings } from './stream-settings.ts';

export type SessionOptions = {
  settings: StreamSettings;
  plan: StreamPlan;
  source: SourceFacts;
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
  await runFfmpeg({
    name: `${settings.path} video`,
    ffmpegPath: dependencies.ffmpegPath,
    invocation: build({
      source: settings.source,
      transport: settings.transport,
      credentials: settings.credentials,
      mediaFolder: dependencies.mediaFolder,
      target: dependencies.publishUrl(settings.path),
      audio: plan.audio,
      isDescribed: isDescribed(settings.source, options.source),
    }),
    failureOf: (line) =>
      isClockJump(line) ? new RunFailure('ClockJumped', 'The timestamps of the camera jumped.') : null,
    onFrames,
    onActivity,
    onStderrLine,
    signal,
  });
}

/** H.264 with parameter sets in the description: FFmpeg knows all that it needs before the first picture. */
function isDescribed({ kind }: StreamSettings['source'], { codec, width }: SourceFacts): boolean {
  return kind === 'rtsp' && codec === 'h264' && width !== null;
}

async function runWithOverlay(options: SessionOptions, signal: AbortSignal): Promise<void> {
  const { settings, plan, source, dependencies } = options;
  if (source.width === null || source.height === null) {
    throw new RunFailure('NoVideo', 'The size of the video is unknown.');
  }
  await runOverlay({
    source: settings.source,
    transport: settings.transport,
    credentials: settings.credentials,
    mediaFolder: dependencies.mediaFolder,
    target: dependencies.publishUrl(settings.path),
    width: source.width,
    height: source.height,
    fps: source.fps ?? assumedFps,
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
  });
}
