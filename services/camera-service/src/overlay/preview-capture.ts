import { previewSize } from './frame-layout.ts';
import type { FrameSize, PixelFormat } from './frame-layout.ts';
import type { Plane } from './frame-memory.ts';
import { FramePreview } from './frame-preview.ts';
import { createFrameLimiter } from '@camplane/jpeg-tap/frame-limiter';
import type { FrameLimiter } from '@camplane/jpeg-tap/frame-limiter';
import type { OpenCv } from '@camplane/opencv/load-opencv';
import type { PreviewSettings, PreviewFrame } from './worker-messages.ts';

/**
 * Captures small frames at the requested rate. One is in flight at a time, in memory that is passed back and forth: a
 * slow encoder gets fewer frames, never older ones.
 */
export class PreviewCapture {
  readonly #cv: OpenCv;
  readonly #format: PixelFormat;
  readonly #source: FrameSize;
  readonly #onPreview: (preview: PreviewFrame) => void;
  #active: { limiter: FrameLimiter; preview: FramePreview } | null = null;
  #spare: ArrayBuffer | null = null;
  #isInFlight = false;

  constructor(
    cv: OpenCv,
    format: PixelFormat,
    source: FrameSize,
    onPreview: (preview: PreviewFrame) => void,
  ) {
    this.#cv = cv;
    this.#format = format;
    this.#source = source;
    this.#onPreview = onPreview;
  }

  configure(settings: PreviewSettings | null): void {
    this.#active?.preview.delete();
    this.#active =
      settings === null
        ? null
        : {
            limiter: createFrameLimiter(settings.fps),
            preview: new FramePreview(this.#cv, this.#format, previewSize(this.#source, settings.width)),
          };
  }

  /** A frame with masks applied and nothing else drawn yet. */
  offer(planes: readonly Plane[], sequence: number, capturedAt: number): void {
    if (this.#active === null || this.#isInFlight || !this.#active.limiter.isDue(capturedAt)) return;
    const { preview } = this.#active;
    const fits = this.#spare?.byteLength === preview.bytes;
    const rgb = fits && this.#spare !== null ? this.#spare : new ArrayBuffer(preview.bytes);
    this.#spare = null;
    preview.take(planes, new Uint8Array(rgb));
    this.#isInFlight = true;
    this.#onPreview({ rgb, ...preview.size, sequence, capturedAt });
  }

  release(rgb: ArrayBuffer): void {
    this.#spare = rgb;
    this.#isInFlight = false;
  }
}
