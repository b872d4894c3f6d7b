import type { Overlay } from '@camplane/contracts/camera';
import { labelColour } from '@camplane/contracts/label-colour';
import type { Colour } from '@camplane/contracts/label-colour';
import { clockText, drawableText } from './clock-text.ts';
import { black, samplesOf } from './colours.ts';
import { boxCaption, boxPixels, captionPlace } from './detection-boxes.ts';
import type { DetectionBox, PixelRectangle } from './detection-boxes.ts';
import type { FrameSize } from './frame-layout.ts';
import type { Plane } from './frame-memory.ts';
import type { MatVector, OpenCv } from '@camplane/opencv/load-opencv';
import { LRUCache } from 'lru-cache';
import { maskPixels } from './mask-polygons.ts';
import { readableFontScale, textStyle, textWidthPx, titleLayout } from './text-layout.ts';
import type { TitleLayout } from './text-layout.ts';
import { TextStrip, textWidthAtScale1 } from './text-strip.ts';

const captionsMax = 32;

/** Draws on frames in place. Parts that do not change between frames are prepared once. */
export class FramePainter {
  readonly #cv: OpenCv;
  readonly #size: FrameSize;
  readonly #overlay: Overlay;
  /** By plane component: all slots have the same planes. */
  readonly #masks = new Map<Plane['component'], MatVector>();
  readonly #title: { layout: TitleLayout; strip: TextStrip } | null;
  #clock = '';
  readonly #captions = new LRUCache<string, TextStrip>({
    max: captionsMax,
    dispose: (caption) => caption.delete(),
  });

  constructor(cv: OpenCv, size: FrameSize, overlay: Overlay, cameraName: string) {
    this.#cv = cv;
    this.#size = size;
    this.#overlay = overlay;
    this.#title = this.#createTitle(drawableText(cameraName));
  }

  /** Blackens the masks. Must run before anything else reads the frame. */
  hidePrivateParts(planes: readonly Plane[]): void {
    if (this.#overlay.privacyMasks.length === 0) return;
    for (const plane of planes) {
      this.#cv.fillPoly(plane.mat, this.#maskPolygons(plane), this.#scalar(plane, black));
    }
  }

  /** Draws boxes, then the camera's name and the time on top. */
  decorate(planes: readonly Plane[], epochMs: number, boxes: readonly DetectionBox[]): void {
    if (this.#overlay.boxes) for (const box of boxes) this.#drawBox(planes, box);
    this.#drawTitle(planes, epochMs);
  }

  delete(): void {
    for (const polygons of this.#masks.values()) polygons.delete();
    this.#captions.clear();
    this.#title?.strip.delete();
  }

  #maskPolygons(plane: Plane): MatVector {
    let polygons = this.#masks.get(plane.component);
    if (polygons === undefined) {
      polygons = new this.#cv.MatVector();
      for (const mask of this.#overlay.privacyMasks) {
        const pixels = maskPixels(mask, plane);
        const mat = this.#cv.matFromArray(pixels.length / 2, 1, this.#cv.CV_32SC2, pixels);
        polygons.push_back(mat);
        mat.delete();
      }
      this.#masks.set(plane.component, polygons);
    }
    return polygons;
  }

  #createTitle(name: string): { layout: TitleLayout; strip: TextStrip } | null {
    const clock = this.#overlay.timestamp ? clockText(0) : '';
    const layout = titleLayout(this.#size, clock, name, (text) => textWidthAtScale1(this.#cv, text));
    if (layout === null) return null;
    const strip = new TextStrip(this.#cv, layout.style, layout.widthPx);
    if (layout.name !== '') strip.write(layout.name, layout.nameX);
    return { layout, strip };
  }

  #drawTitle(planes: readonly Plane[], epochMs: number): void {
    if (this.#title === null) return;
    const { layout, strip } = this.#title;
    const clock = clockText(epochMs);
    if (layout.clockPx > 0 && clock !== this.#clock) {
      this.#clock = clock;
      strip.erase(0, layout.clockX + layout.clockPx);
      strip.write(clock, layout.clockX);
    }
    strip.layOver(planes, layout.x, layout.y);
  }

  #drawBox(planes: readonly Plane[], box: DetectionBox): void {
    const rectangle = boxPixels(box, this.#size);
    if (rectangle === null) return;
    const thickness = Math.max(2, 2 * Math.round(this.#size.height / 480));
    for (const plane of planes) this.#outline(plane, rectangle, labelColour(box.label), thickness);
    const caption = this.#caption(drawableText(boxCaption(box)));
    const place = captionPlace(rectangle, caption.size, this.#size);
    if (place !== null) caption.layOver(planes, place.x, place.y);
  }

  #outline(
    plane: Plane,
    { left, top, right, bottom }: PixelRectangle,
    colour: Colour,
    thickness: number,
  ): void {
    const cv = this.#cv;
    const point = (x: number, y: number) =>
      new cv.Point(Math.floor(x / plane.step), Math.floor(y / plane.step));
    const width = Math.max(1, thickness / plane.step);
    cv.rectangle(plane.mat, point(left, top), point(right, bottom), this.#scalar(plane, colour), width);
  }

  #caption(text: string): TextStrip {
    const known = this.#captions.get(text);
    if (known !== undefined) return known;
    const style = textStyle(0.75 * readableFontScale(this.#size));
    const textPx = textWidthPx(style, textWidthAtScale1(this.#cv, text));
    const strip = new TextStrip(this.#cv, style, 2 * Math.ceil((textPx + style.paddingPx) / 2));
    strip.write(text, style.paddingPx / 2);
    this.#captions.set(text, strip);
    return strip;
  }

  #scalar(plane: Plane, colour: Colour) {
    return new this.#cv.Scalar(...samplesOf(plane.component, colour), 0);
  }
}
