import { previewSize } from './frame-layout.ts';
import type { PictureSize, PixelFormat } from './frame-layout.ts';
import type { Plane } from './frame-memory.ts';
import { FramePreview } from './frame-preview.ts';
import type { OpenCv } from '@camplane/opencv/load-opencv';
import { TapSchedule } from './tap-schedule.ts';
import type { PictureTaps, RawPicture } from './worker-messages.ts';

/**
 * Takes small pictures of frames at the wanted rate. One is on its way at a time, in memory that goes back and
 * forth: whoever encodes them slowly gets fewer, never older ones.
 */
export class PictureTap {
  readonly #cv: OpenCv;
  readonly #format: PixelFormat;
  readonly #source: PictureSize;
  readonly #onPicture: (picture: RawPicture) => void;
  #wanted: { schedule: TapSchedule; preview: FramePreview } | null = null;
  #spare: ArrayBuffer | null = null;
  #isAway = false;

  constructor(
    cv: OpenCv,
    format: PixelFormat,
    source: PictureSize,
    onPicture: (picture: RawPicture) => void,
  ) {
    this.#cv = cv;
    this.#format = format;
    this.#source = source;
    this.#onPicture = onPicture;
  }

  configure(taps: PictureTaps | null): void {
    this.#wanted?.preview.delete();
    this.#wanted =
      taps === null
        ? null
        : {
            schedule: new TapSchedule(taps.fps),
            preview: new FramePreview(this.#cv, this.#format, previewSize(this.#source, taps.width)),
          };
  }

  /** A frame with its private parts hidden, nothing drawn on it yet. */
  offer(planes: readonly Plane[], sequence: number, capturedAt: number): void {
    if (this.#wanted === null || this.#isAway || !this.#wanted.schedule.isDue(capturedAt)) return;
    const { preview } = this.#wanted;
    const fits = this.#spare?.byteLength === preview.bytes;
    const rgb = fits && this.#spare !== null ? this.#spare : new ArrayBuffer(preview.bytes);
    this.#spare = null;
    preview.take(planes, new Uint8Array(rgb));
    this.#isAway = true;
    this.#onPicture({ rgb, ...preview.size, sequence, capturedAt });
  }

  takeBack(rgb: ArrayBuffer): void {
    this.#spare = rgb;
    this.#isAway = false;
  }
}
