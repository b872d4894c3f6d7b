import { buildCopy } from '@camplane/ffmpeg/arguments/copy';
import { buildTranscode } from '@camplane/ffmpeg/arguments/transcode';
import { RunFailure } from '@camplane/supervisor/run-failure';
import { runOverlay } from '../overlay/run-overlay.ts';
import type { Drawing } from '../overlay/worker-messages.ts';
import type { Picture } from '../tap/latest-picture.ts';
import { runFfmpeg } from './run-ffmpeg.ts';
import type { StreamDependencies } from './stream-dependencies.ts';
import type { SourceFacts, StreamPlan } from './stream-plan.ts';
import type { StreamSettings } from './stream-settings.ts';

export type SessionOptions = {
  settings: StreamSettings;
  plan: StreamPlan;
  source: SourceFacts;
  dependencies: StreamDependencies;
  /** Video frames that were published since the last call. */
  onFrames(count: number): void;
  /** What the tap is to give now; overlay mode takes the pictures itself. */
  frames: () => StreamSettings['frames'];
  /** What overlay mode is to draw now. */
  drawing: () => Drawing;
  onPicture(picture: Picture): void;
  onDropped(count: number): void;
  onStderrLine(line: string): void;
};

/** A camera assumed where the source does not tell its rate: frames a second. */
const assumedFps = 15;

/**
 * One straight session of a stream, source to MediaMTX. Resolves after an abort, throws RunFailure with the first
 * reason when a process ends by itself, retries nothing.
 */
export function runSession(options: SessionOptions, signal: AbortSignal): Promise<void> {
  return options.settings.mode === 'overlay' ? runDrawn(options, signal) : runEncoded(options, signal);
}

async function runEncoded(options: SessionOptions, signal: AbortSignal): Promise<void> {
  const { settings, plan, dependencies, onFrames, onStderrLine } = options;
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
    }),
    onFrames,
    onStderrLine,
    signal,
  });
}

async function runDrawn(options: SessionOptions, signal: AbortSignal): Promise<void> {
  const { settings, plan, source, dependencies } = options;
  if (source.width === null || source.height === null) {
    throw new RunFailure('NoVideo', 'The size of the picture could not be found.');
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
    // Drawn where the overlay has them.
    boxes: () => dependencies.boxes(settings.cameraId),
    frames: options.frames,
    onJpeg: options.onPicture,
    onFrames: options.onFrames,
    onDropped: options.onDropped,
    signal,
    log: dependencies.log,
    folder: dependencies.runFolder,
    ffmpegPath: dependencies.ffmpegPath,
  });
}
