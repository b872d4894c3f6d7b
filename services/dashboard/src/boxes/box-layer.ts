import type { DetectionStream } from '../live/detection-stream.ts';
import { boxesAt, withResult } from './box-schedule.ts';
import type { BoxesShown, HeardResult } from './box-schedule.ts';
import { paintBoxes } from './box-painter.ts';
import type { BoxDetail } from './box-painter.ts';

export type BoxLayer = {
  canvas: HTMLCanvasElement;
  video: HTMLVideoElement;
  cameraId: string;
  detail: BoxDetail;
  detections: DetectionStream;
  serverNowMs: () => number;
  /** When the picture on the screen was taken; null while there is none. By the server's clock, as `serverNowMs`. */
  pictureMs: (serverNowMs: number) => number | null;
};

/**
 * Draws a camera's boxes over its live picture until the returned function is called. It works only while
 * something is shown or awaits its picture. Writes `data-boxes` (boxes drawn) and `data-captured-at` (of the
 * latest result that was drawn) on the canvas.
 */
export function runBoxLayer(layer: BoxLayer): () => void {
  const { canvas, video, cameraId, detections } = layer;
  const context = canvas.getContext('2d');
  if (!context) return () => undefined;
  let results: readonly HeardResult[] = [];
  let drawn = '';
  let frame: number | undefined;

  const look = () => {
    frame = undefined;
    const nowMs = layer.serverNowMs();
    const pictureMs = layer.pictureMs(nowMs);
    const shown = pictureMs === null ? nothing : boxesAt(results, { nowMs, pictureMs });
    draw(shown);
    if (shown.pending) wake();
  };
  const wake = () => {
    frame ??= requestAnimationFrame(look);
  };
  const draw = (shown: BoxesShown) => {
    const element = { width: canvas.clientWidth, height: canvas.clientHeight };
    const picture = { width: video.videoWidth, height: video.videoHeight };
    const density = window.devicePixelRatio;
    const key = JSON.stringify([
      shown.capturedMs,
      shown.entries.map(({ id }) => id),
      element,
      picture,
      density,
    ]);
    if (key === drawn) return;
    drawn = key;
    const size = { width: Math.round(element.width * density), height: Math.round(element.height * density) };
    // Setting a canvas's size clears it and takes its memory anew, even where it stays the same.
    if (canvas.width !== size.width) canvas.width = size.width;
    if (canvas.height !== size.height) canvas.height = size.height;
    paintBoxes(context, shown.entries, { element, picture, density, detail: layer.detail });
    canvas.dataset['boxes'] = String(shown.entries.length);
    if (shown.capturedMs !== null) {
      canvas.dataset['capturedAt'] = new Date(shown.capturedMs).toISOString();
    }
  };

  const unfollow = detections.follow(cameraId, (event, heardMs) => {
    results = withResult(results, { ...event, capturedMs: Date.parse(event.capturedAt), heardMs });
    wake();
  });
  const observer = new ResizeObserver(wake);
  observer.observe(canvas);
  video.addEventListener('resize', wake);
  draw(nothing);
  return () => {
    unfollow();
    observer.disconnect();
    video.removeEventListener('resize', wake);
    if (frame !== undefined) cancelAnimationFrame(frame);
    draw(nothing);
  };
}

const nothing: BoxesShown = { entries: [], capturedMs: null, pending: false };
