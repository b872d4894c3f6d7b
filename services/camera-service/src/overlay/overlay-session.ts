import type { Overlay } from '@camplane/contracts/camera';
import { limitsOf } from '@camplane/ffmpeg/process-limits';
import type { FfmpegLimits } from '@camplane/ffmpeg/process-limits';
import type { RawSound } from '@camplane/ffmpeg/arguments/overlay-encode';
import { ffmpegFailure } from '@camplane/ffmpeg/ffmpeg-failure';
import type { FfmpegInvocation } from '@camplane/ffmpeg/invocation';
import { compileOpenCv } from '@camplane/opencv/compile-opencv';
import { onAbort, whenAborted } from '@camplane/runtime/abort';
import type { TapSettings } from '@camplane/jpeg-tap/frame-request';
import type { JpegFrame } from '@camplane/jpeg-tap/jpeg-frame';
import { startChild } from '@camplane/supervisor/child-process';
import { RunFailure } from '@camplane/supervisor/run-failure';
import type { DetectionBox } from './detection-boxes.ts';
import { followDrawing } from './drawing-follower.ts';
import type { DrawingFollower } from './drawing-follower.ts';
import { evenSize } from './frame-layout.ts';
import type { FrameSize, PixelFormat } from './frame-layout.ts';
import { encodeJpeg } from './jpeg-encoder.ts';
import { createOverlayFifos } from './overlay-fifos.ts';
import { startOverlayWorker } from './overlay-worker-thread.ts';
import type { Drawing, FromOverlayWorker, PreviewFrame } from './worker-messages.ts';

export type OverlaySessionOptions = {
  /** FFmpeg that decodes the source to raw frames in one FIFO, and to raw sound in another. */
  decode(output: string, size: FrameSize, soundOutput: string | null): FfmpegInvocation;
  /** FFmpeg that encodes raw frames from one FIFO, and raw sound from another. */
  encode(input: string, size: FrameSize, sound: RawSound | null): FfmpegInvocation;
  /** Whether to include sound; the source must have sound. */
  sound: boolean;
  pixelFormat: PixelFormat;
  /** Of the source. */
  width: number;
  height: number;
  /** Drawn into the video; empty for none. */
  cameraName: string;
  overlay: Overlay;
  /** The current overlay, if it can change while the session runs; a new object for each change. */
  drawing?: () => Drawing;
  /** The latest detections; a new array for each result. Drawn for one second. */
  boxes?: () => readonly DetectionBox[];
  /** Currently requested small frames; null for none. Called repeatedly, so it may change at any time. */
  frames: () => Pick<TapSettings, 'fps' | 'width' | 'quality'> | null;
  /** A small frame: masks applied, nothing else drawn. */
  onJpeg(frame: JpegFrame): void;
  /** Frames sent to the encoder since the last call; called a few times per second at most. */
  onFrames(count: number): void;
  /** Frames dropped since the last call because the encoder was behind. */
  onDropped(count: number): void;
  signal: AbortSignal;
  log: { debug(context: object, message: string): void };
  /** For FIFOs. */
  folder: string;
  ffmpegPath: string;
  ffmpegLimits: FfmpegLimits;
};

/** How often boxes and frame requests are checked. */
const checkIntervalMs = 100;

/**
 * Runs one overlay session: decoder, drawing thread and encoder, which start and stop together. Resolves after an
 * abort; throws RunFailure with the first reason if any of the three exits. In both cases all three have stopped and
 * the FIFOs are removed.
 */
export async function runOverlaySession(options: OverlaySessionOptions): Promise<void> {
  const openCv = await compileOpenCv();
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
      case 'preview':
        void deliverPreview(message.preview, message.drawingVersion);
        break;
    }
  };
  const fixed = { overlay: options.overlay, cameraName: options.cameraName };
  const currentDrawing = options.drawing ?? (() => fixed);
  const first = currentDrawing();
  const worker = startOverlayWorker(
    {
      openCv,
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

  const drawing = followDrawing(first, currentDrawing, (message) => worker.post(message));

  /** Encodes a frame outside the drawing thread, then returns its memory, which requests the next one. */
  async function deliverPreview(preview: PreviewFrame, drawingVersion: number): Promise<void> {
    try {
      const quality = options.frames()?.quality;
      if (quality === undefined) return;
      const frame = await encodeJpeg(preview, quality);
      // It may show an area that has become private since.
      if (!ending.signal.aborted && drawing.isCurrent(drawingVersion)) options.onJpeg(frame);
    } catch (error) {
      options.log.debug({ err: error }, 'encoding a small frame failed, frame dropped');
    } finally {
      if (!ending.signal.aborted) worker.post({ type: 'previewUsed', rgb: preview.rgb }, [preview.rgb]);
    }
  }

  const runFfmpeg = async (name: string, invocation: FfmpegInvocation) => {
    const child = startChild({
      name: `overlay ${name}`,
      command: options.ffmpegPath,
      ...invocation,
      limits: limitsOf(options.ffmpegLimits, 'encode'),
      onStderrLine: (line) => options.log.debug({ process: name }, line),
      signal: ending.signal,
    });
    end(ffmpegFailure(await child.ended));
  };

  /** With sound it starts at the first frame, the origin of its timestamps. */
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

/** Notifies the drawing thread of changed drawings, boxes or frame requests. */
function follow(
  options: Pick<OverlaySessionOptions, 'boxes' | 'frames'>,
  drawing: DrawingFollower,
  worker: ReturnType<typeof startOverlayWorker>,
): () => void {
  let boxes: readonly DetectionBox[] | undefined;
  let previews = 'null';
  const check = () => {
    drawing.check();
    const latest = options.boxes?.();
    if (latest !== boxes && latest !== undefined) worker.post({ type: 'boxes', boxes: latest });
    boxes = latest;
    const request = options.frames();
    const settings = request === null ? null : { fps: request.fps, width: request.width };
    if (JSON.stringify(settings) !== previews) worker.post({ type: 'previews', settings });
    previews = JSON.stringify(settings);
  };
  check();
  const timer = setInterval(check, checkIntervalMs);
  return () => clearInterval(timer);
}
