import { black, samplesOf } from './colours.ts';
import type { FrameSize } from './frame-layout.ts';
import type { Plane } from './frame-memory.ts';
import type { Mat, OpenCv } from '@camplane/opencv/load-opencv';
import type { TextStyle } from './text-layout.ts';

/** How much of the video shows through the plate behind a text. */
const plateTransparency = 0.45;

/**
 * A line of text, rendered once and composited onto many frames: white letters with a dark outline on a darkened
 * plate. Drawing letters on each frame would cost more than everything else in this worker.
 */
export class TextStrip {
  readonly #cv: OpenCv;
  readonly #style: TextStyle;
  readonly #ink: Mat;
  readonly #mask: Mat;
  readonly #layers = new Map<Plane['component'], { ink: Mat; mask: Mat }>();
  readonly #darkening = new Map<Plane['component'], Mat>();
  readonly size: FrameSize;

  constructor(cv: OpenCv, style: TextStyle, widthPx: number) {
    this.#cv = cv;
    this.#style = style;
    this.size = { width: widthPx, height: style.heightPx };
    this.#ink = new cv.Mat(style.heightPx, widthPx, cv.CV_8UC1, new cv.Scalar(0));
    this.#mask = new cv.Mat(style.heightPx, widthPx, cv.CV_8UC1, new cv.Scalar(0));
  }

  /** Draws `text` at `x` without clearing the background. */
  write(text: string, x: number): void {
    const cv = this.#cv;
    const { fontScale, strokePx, rimPx, baselinePx } = this.#style;
    const origin = new cv.Point(x, baselinePx);
    const put = (mat: Mat, thickness: number) =>
      cv.putText(
        mat,
        text,
        origin,
        cv.FONT_HERSHEY_SIMPLEX,
        fontScale,
        new cv.Scalar(255),
        thickness,
        cv.LINE_AA,
      );
    put(this.#mask, strokePx + 2 * rimPx);
    put(this.#ink, strokePx);
    this.#deleteLayers();
  }

  erase(x: number, widthPx: number): void {
    const cv = this.#cv;
    const from = new cv.Point(x, 0);
    const to = new cv.Point(x + widthPx - 1, this.size.height - 1);
    for (const mat of [this.#ink, this.#mask]) cv.rectangle(mat, from, to, new cv.Scalar(0), cv.FILLED);
    this.#deleteLayers();
  }

  /** Composites the strip onto a frame with its top left corner at even pixels `x`, `y`; it must be inside. */
  layOver(planes: readonly Plane[], x: number, y: number): void {
    const cv = this.#cv;
    for (const plane of planes) {
      const { ink, mask } = this.#layer(plane);
      const part = plane.mat.roi(new cv.Rect(x / plane.step, y / plane.step, ink.cols, ink.rows));
      cv.LUT(part, this.#darkeningTable(plane), part);
      ink.copyTo(part, mask);
      part.delete();
    }
  }

  delete(): void {
    this.#deleteLayers();
    for (const table of this.#darkening.values()) table.delete();
    this.#ink.delete();
    this.#mask.delete();
  }

  /** The value of each sample under the plate. A lookup takes a fifth of the time of the computation. */
  #darkeningTable({ component }: Plane): Mat {
    let table = this.#darkening.get(component);
    if (table === undefined) {
      table = new this.#cv.Mat(1, 256, this.#cv.CV_8UC1);
      const darkest = samplesOf(component, black)[0] ?? 0;
      for (let sample = 0; sample < 256; sample += 1) {
        table.data[sample] = Math.round(darkest + (sample - darkest) * plateTransparency);
      }
      this.#darkening.set(component, table);
    }
    return table;
  }

  #layer(plane: Plane): { ink: Mat; mask: Mat } {
    let layer = this.#layers.get(plane.component);
    if (layer === undefined) {
      layer = this.#renderLayer(plane);
      this.#layers.set(plane.component, layer);
    }
    return layer;
  }

  #renderLayer(plane: Plane): { ink: Mat; mask: Mat } {
    const cv = this.#cv;
    const ink = new cv.Mat();
    const mask = new cv.Mat();
    switch (plane.component) {
      case 'bgr':
        cv.cvtColor(this.#ink, ink, cv.COLOR_GRAY2BGR);
        cv.threshold(this.#mask, mask, 127, 255, cv.THRESH_BINARY);
        break;
      case 'y':
        this.#ink.convertTo(ink, -1, 219 / 255, 16);
        cv.threshold(this.#mask, mask, 127, 255, cv.THRESH_BINARY);
        break;
      case 'u':
      case 'v': {
        // Letters and outline have no colour: neutral wherever either touches a sample.
        const half = new cv.Size(this.size.width / 2, this.size.height / 2);
        cv.resize(this.#mask, mask, half, 0, 0, cv.INTER_AREA);
        cv.threshold(mask, mask, 63, 255, cv.THRESH_BINARY);
        ink.create(mask.rows, mask.cols, cv.CV_8UC1);
        ink.setTo(new cv.Scalar(128));
        break;
      }
    }
    return { ink, mask };
  }

  #deleteLayers(): void {
    for (const { ink, mask } of this.#layers.values()) {
      ink.delete();
      mask.delete();
    }
    this.#layers.clear();
  }
}

/** The width of `text` in pixels at font scale 1. OpenCV's own measure is not in the WebAssembly build. */
export function textWidthAtScale1(cv: OpenCv, text: string): number {
  if (text === '') return 0;
  const widestLetterPx = 32;
  const marginPx = 8;
  const mat = new cv.Mat(64, text.length * widestLetterPx + 2 * marginPx, cv.CV_8UC1, new cv.Scalar(0));
  cv.putText(mat, text, new cv.Point(marginPx, 40), cv.FONT_HERSHEY_SIMPLEX, 1, new cv.Scalar(255), 2);
  const bounds = cv.boundingRect(mat);
  mat.delete();
  return Math.max(0, bounds.x + bounds.width - marginPx);
}
