import { frameBytes, planesOf } from './frame-layout.ts';
import type { FrameSize, PixelFormat, PlaneLayout } from './frame-layout.ts';
import type { Mat, OpenCv } from '@camplane/opencv/load-opencv';

export type Plane = PlaneLayout & { mat: Mat };

/**
 * Frame buffers inside OpenCV's WebAssembly memory, accessible both as bytes (for reading and writing) and as one Mat
 * per plane (for drawing), so that frames are never copied.
 */
export class FrameMemory {
  readonly #cv: OpenCv;
  readonly #slots: { pointer: number; planes: Plane[]; view: Uint8Array }[];
  readonly frameBytes: number;

  constructor(cv: OpenCv, format: PixelFormat, size: FrameSize, count: number) {
    this.#cv = cv;
    this.frameBytes = frameBytes(format, size);
    this.#slots = Array.from({ length: count }, () => {
      const pointer = cv._malloc(this.frameBytes);
      if (pointer === 0) throw new Error(`no memory for a frame of ${this.frameBytes} bytes`);
      const planes = planesOf(format, size).map((plane) => ({ ...plane, mat: matAt(cv, pointer, plane) }));
      return { pointer, planes, view: new Uint8Array(0) };
    });
  }

  planes(slot: number): readonly Plane[] {
    return this.#at(slot).planes;
  }

  /** The bytes of a slot. Do not keep them: old views are detached when WebAssembly memory grows. */
  view(slot: number): Uint8Array {
    const entry = this.#at(slot);
    if (entry.view.buffer !== this.#cv.HEAPU8.buffer) {
      entry.view = this.#cv.HEAPU8.subarray(entry.pointer, entry.pointer + this.frameBytes);
    }
    return entry.view;
  }

  delete(): void {
    for (const { pointer, planes } of this.#slots) {
      for (const plane of planes) plane.mat.delete();
      this.#cv._free(pointer);
    }
    this.#slots.length = 0;
  }

  #at(slot: number) {
    const entry = this.#slots[slot];
    if (entry === undefined) throw new RangeError(`there is no frame slot ${slot}`);
    return entry;
  }
}

/** A Mat over existing memory, which it does not own. */
export function matAt(cv: OpenCv, pointer: number, plane: Omit<PlaneLayout, 'component' | 'step'>): Mat {
  const type = plane.channels === 3 ? cv.CV_8UC3 : cv.CV_8UC1;
  const Mat = cv.Mat as unknown as new (
    rows: number,
    columns: number,
    type: number,
    pointer: number,
    rowBytes: number,
  ) => Mat;
  return new Mat(plane.height, plane.width, type, pointer + plane.offsetBytes, plane.width * plane.channels);
}
