import { frameBytes, planesOf } from './frame-layout.ts';
import type { FrameSize, PixelFormat } from './frame-layout.ts';
import { matAt } from './frame-memory.ts';
import type { Plane } from './frame-memory.ts';
import type { Mat, OpenCv } from '@camplane/opencv/load-opencv';

/** Scales frames to small RGB images, for snapshot and detection. */
export class FramePreview {
  readonly #cv: OpenCv;
  readonly #pointer: number;
  readonly #small: Mat[];
  /** The small planes as one Mat, as OpenCV's colour conversion requires. */
  readonly #joined: Mat;
  readonly #rgb: Mat;
  readonly #format: PixelFormat;
  readonly size: FrameSize;

  constructor(cv: OpenCv, format: PixelFormat, size: FrameSize) {
    this.#cv = cv;
    this.#format = format;
    this.size = size;
    this.#pointer = cv._malloc(frameBytes(format, size));
    this.#small = planesOf(format, size).map((plane) => matAt(cv, this.#pointer, plane));
    const joined =
      format === 'bgr24'
        ? { channels: 3 as const, ...size, offsetBytes: 0 }
        : { channels: 1 as const, width: size.width, height: (size.height * 3) / 2, offsetBytes: 0 };
    this.#joined = matAt(cv, this.#pointer, joined);
    this.#rgb = new cv.Mat(size.height, size.width, cv.CV_8UC3);
  }

  get bytes(): number {
    return this.size.width * this.size.height * 3;
  }

  /** Scales the frame and writes it to `target` as packed RGB. */
  take(planes: readonly Plane[], target: Uint8Array): void {
    const cv = this.#cv;
    for (const [index, plane] of planes.entries()) {
      const small = this.#small[index];
      if (small === undefined) continue;
      // Area averaging costs twice as much as interpolation, and only helps when scaling down a lot.
      const interpolation = plane.width >= 2 * small.cols ? cv.INTER_AREA : cv.INTER_LINEAR;
      cv.resize(plane.mat, small, new cv.Size(small.cols, small.rows), 0, 0, interpolation);
    }
    const conversion = this.#format === 'bgr24' ? cv.COLOR_BGR2RGB : cv.COLOR_YUV2RGB_I420;
    cv.cvtColor(this.#joined, this.#rgb, conversion);
    target.set(this.#rgb.data);
  }

  delete(): void {
    for (const mat of [...this.#small, this.#joined, this.#rgb]) mat.delete();
    this.#cv._free(this.#pointer);
  }
}
