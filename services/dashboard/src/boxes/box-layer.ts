import type { DetectionStream } from '../live/detection-stream.ts';
import { boxesAt, withResult } from './box-schedule.ts';
import type { BoxesShown, ReceivedResult } from './box-schedule.ts';
import { paintBoxes } from './box-painter.ts';
import type { BoxDetail } from './box-painter.ts';
import type { Size } from './frame-geometry.ts';

export type BoxLayer = {
  canvas: HTMLCanvasElement;
  video: HTMLVideoElement;
  cameraId: string;
  detail: BoxDetail;
  detections: DetectionStream;
  serverNowMs: () => number;
  /** When the frame on screen was taken; null while nothing plays. By the server's clock, like `serverNowMs`. */
  frameTimeMs: (serverNowMs: number) => number | null;
  /** Of the video or the pictures. */
  frameSize: () => Size;
};

/**
 * Draws a camera's boxes over its live video until the returned function is called. Requests animation frames only
 * while a box is shown or waits for its frame. Writes `data-boxes` (boxes drawn) and `data-captured-at` (of the latest
 * result drawn) on the canvas.
 */
export function runBoxLayer(layer: BoxLayer): () => void {
  const { canvas, video, cameraId, detections } = layer;
  const context = canvas.getContext('2d');
  if (!context) return () => undefined;
  let results: readonly ReceivedResult[] = [];
  let drawn = '';
  let animationFrame: number | undefined;

  const update = () => {
    animationFrame = undefined;
    const nowMs = layer.serverNowMs();
    const frameTimeMs = layer.frameTimeMs(nowMs);
    const shown = frameTimeMs === null ? nothing : boxesAt(results, { nowMs, frameTimeMs });
    draw(shown);
    if (shown.pending) schedule();
  };
  const schedule = () => {
    animationFrame ??= requestAnimationFrame(update);
  };
  const draw = (shown: BoxesShown) => {
    const element = { width: canvas.clientWidth, height: canvas.clientHeight };
    const frame = layer.frameSize();
    const density = window.devicePixelRatio;
    const key = JSON.stringify([
      shown.capturedMs,
      shown.entries.map(({ id }) => id),
      element,
      frame,
      density,
    ]);
    if (key === drawn) return;
    drawn = key;
    const size = { width: Math.round(element.width * density), height: Math.round(element.height * density) };
    // Setting the size of a canvas clears and reallocates it, even if the size is the same.
    if (canvas.width !== size.width) canvas.width = size.width;
    if (canvas.height !== size.height) canvas.height = size.height;
    paintBoxes(context, shown.entries, { element, frame, density, detail: layer.detail });
    canvas.dataset['boxes'] = String(shown.entries.length);
    if (shown.capturedMs !== null) {
      canvas.dataset['capturedAt'] = new Date(shown.capturedMs).toISOString();
    }
  };

  const unsubscribe = detections.subscribe(cameraId, (event, receivedMs) => {
    results = withResult(results, { ...event, capturedMs: Date.parse(event.capturedAt), receivedMs });
    schedule();
  });
  const observer = new ResizeObserver(schedule);
  observer.observe(canvas);
  video.addEventListener('resize', schedule);
  draw(nothing);
  return () => {
    unsubscribe();
    observer.disconnect();
    video.removeEventListener('resize', schedule);
    if (animationFrame !== undefined) cancelAnimationFrame(animationFrame);
    draw(nothing);
  };
}

const nothing: BoxesShown = { entries: [], capturedMs: null, pending: false };
