import type { Overlay } from '@camplane/contracts/camera';
import type { RawSound } from '@camplane/ffmpeg/arguments/overlay-encode';
import type { FfmpegInvocation } from '@camplane/ffmpeg/invocation';
import { onAbort, whenAborted } from '@camplane/runtime/abort';
import { startChild } from '@camplane/supervisor/child-process';
import { RunFailure } from '@camplane/supervisor/run-failure';
import { failureOf } from '../stream/run-ffmpeg.ts';
import type { DetectionBox } from './detection-boxes.ts';
import { followDrawing } from './drawing-follower.ts';
import type { DrawingFollower } from './drawing-follower.ts';
import { evenSize } from './frame-layout.ts';
import type { PictureSize, PixelFormat } from './frame-layout.ts';
import { encodeJpeg } from './jpeg-encoder.ts';
import type { JpegFrame } from './jpeg-encoder.ts';
import { createOverlayFifos } from './overlay-fifos.ts';
import { startOverlayWorker } from './overlay-worker-thread.ts';
import type { Drawing, FromOverlayWorker, RawPicture } from './worker-messages.ts';

export type PictureSettings = { fps: number; width: number; quality: number };

export type OverlaySessionOptions = {
  /** FFmpeg from the source to raw frames in a file, here a FIFO, and to raw sound in another. */
  decode(output: string, size: PictureSize, soundOutput: string | null): FfmpegInvocation;
  /** FFmpeg from raw frames in a file, and raw sound in another, to where they are wanted. */
  encode(input: string, size: PictureSize, sound: RawSound | null): FfmpegInvocation;
  /** Whether sound is wanted; the source must have some. */
  sound: boolean;
  pixelFormat: PixelFormat;
  /** Of the source. */
  width: number;
  height: number;
  /** Shown in the picture; empty for none. */
  cameraName: string;
  overlay: Overlay;
  /** The same as wanted now, where it may change while the session runs: a new `overlay` for each change. */
  drawing?: () => Drawing;
  /** The latest detections; a new array for each new result. Drawn until they are a second old. */
  boxes?: () => readonly DetectionBox[];
  /** Small pictures wanted now; null for none. Asked for again and again, so it may change at any time. */
  frames: () => PictureSettings | null;
  /** A small picture: private parts hidden, nothing drawn on it. */
  onJpeg(frame: JpegFrame): void;
  /** Frames that went to the encoder since the last call; a few times a second at most. */
  onFrames(count: number): void;
  /** Frames left out because the encoder was behind, since the last call. */
  onDropped(count: number): void;
  signal: AbortSignal;
  log: { debug(context: object, message: string): void };
  /** For FIFOs. */
  folder: string;
  ffmpegPath: string;
};

/** How often boxes and wanted pictures are looked at. */
const lookIntervalMs = 100;

/**
 * One straight overlay session: decoder, drawing thread and encoder, which start and end together. Resolves
 * after an abort; throws RunFailure with the first reason when any of the three ends by itself. Either way all
 * three have ended and the FIFOs are removed.
 */
export async function runOverlaySession(options: OverlaySessionOptions): Promise<void> {
  if (options.signal.aborted) return;
  const size = evenSize(options);
  const fifos = await createOverlayFifos(options.folder, options);
  const ending = new AbortController();
  const began = Promise.withResolvers<number>();
  let failure: RunFailure | undefined;
  const end = (reason?: RunFailure) => {
    if (ending.signal.aborted) return;
    failure = reason;
    ending.abort();
  };

  const onMessage = (message: FromOverlayWorker) => {
    switch (message.type) {
      case 'ready':
        options.log.debug({ loadMs: Math.round(message.loadMs) }, 'drawing thread is ready');
        break;
      case 'began':
        began.resolve(message.atMs);
        break;
      case 'counts':
        if (message.delivered > 0) options.onFrames(message.delivered);
        if (message.dropped > 0) options.onDropped(message.dropped);
        break;
      case 'picture':
        void usePicture(message.picture, message.drawingVersion);
        break;
    }
  };
  const fixed = { overlay: options.overlay, cameraName: options.cameraName };
  const wanted = options.drawing ?? (() => fixed);
  const first = wanted();
  const worker = startOverlayWorker(
    {
      format: options.pixelFormat,
      size,
      drawing: first,
      decodedPath: fifos.decodedPath,
      drawnPath: fifos.drawnPath,
      sound: fifos.sound,
    },
    {
      onMessage,
      onFailure: (cause) => end(new RunFailure('Internal', `Drawing failed: ${cause.message}`, { cause })),
    },
  );

  const drawing = followDrawing(first, wanted, (message) => worker.post(message));

  /** Encodes a picture outside the drawing thread, then gives the memory back, which asks for the next. */
  async function usePicture(picture: RawPicture, drawingVersion: number): Promise<void> {
    try {
      const quality = options.frames()?.quality;
      if (quality === undefined) return;
      const frame = await encodeJpeg(picture, quality);
      // What has become private meanwhile may be seen on it.
      if (!ending.signal.aborted && drawing.isCurrent(drawingVersion)) options.onJpeg(frame);
    } catch (error) {
      options.log.debug({ err: error }, 'a picture could not be encoded');
    } finally {
      if (!ending.signal.aborted) worker.post({ type: 'pictureUsed', rgb: picture.rgb }, [picture.rgb]);
    }
  }

  const runFfmpeg = async (name: string, invocation: FfmpegInvocation) => {
    const child = startChild({
      name: `overlay ${name}`,
      command: options.ffmpegPath,
      args: invocation.args,
      ...(invocation.stdin === undefined ? {} : { stdin: invocation.stdin }),
      onStderrLine: (line) => options.log.debug({ process: name }, line),
      signal: ending.signal,
    });
    end(failureOf(await child.ended));
  };

  /** With sound it starts at the first frame, whose time its stamps count from. */
  const runEncoder = async () => {
    let sound: RawSound | null = null;
    if (fifos.sound !== null) {
      const startedAtMs = await Promise.race([began.promise, whenAborted(ending.signal)]);
      if (startedAtMs === undefined) return;
      sound = { input: fifos.sound.timedPath, startedAtMs };
    }
    await runFfmpeg('encoder', options.encode(fifos.drawnPath, size, sound));
  };

  const removeListener = onAbort(options.signal, () => end());
  const removeFifos = whenAborted(ending.signal).then(() => fifos.remove());
  const stopFollowing = follow(options, drawing, worker);
  await Promise.all([
    runFfmpeg('decoder', options.decode(fifos.decodedPath, size, fifos.sound?.decodedPath ?? null)),
    runEncoder(),
    whenAborted(ending.signal).then(() => worker.stop()),
    removeFifos,
  ]);
  stopFollowing();
  removeListener();
  if (failure !== undefined) throw failure;
}

/** Tells the drawing thread when other drawings, boxes or pictures are wanted. */
function follow(
  options: Pick<OverlaySessionOptions, 'boxes' | 'frames'>,
  drawing: DrawingFollower,
  worker: ReturnType<typeof startOverlayWorker>,
): () => void {
  let boxes: readonly DetectionBox[] | undefined;
  let taps = 'null';
  const look = () => {
    drawing.look();
    const latest = options.boxes?.();
    if (latest !== boxes && latest !== undefined) worker.post({ type: 'boxes', boxes: latest });
    boxes = latest;
    const wanted = options.frames();
    const wantedTaps = wanted === null ? null : { fps: wanted.fps, width: wanted.width };
    if (JSON.stringify(wantedTaps) !== taps) worker.post({ type: 'taps', taps: wantedTaps });
    taps = JSON.stringify(wantedTaps);
  };
  look();
  const timer = setInterval(look, lookIntervalMs);
  return () => clearInterval(timer);
}
