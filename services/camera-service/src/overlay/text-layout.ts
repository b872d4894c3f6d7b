import type { FrameSize } from './frame-layout.ts';

/** Sizes of drawn text, in pixels except `fontScale`. */
export type TextStyle = {
  fontScale: number;
  strokePx: number;
  /** Dark outline around the letters, for readability on any background. */
  rimPx: number;
  heightPx: number;
  baselinePx: number;
  paddingPx: number;
};

// OpenCV's FONT_HERSHEY_SIMPLEX at scale 1: capitals are 21 px high, descenders 7 px deep.
const capitalPx = 21;
const descenderPx = 7;

/** Capitals take 3 % of the frame's height, but never less than a readable size. */
export function readableFontScale(size: FrameSize): number {
  return Math.max(0.4, (size.height * 0.03) / capitalPx);
}

export function textStyle(fontScale: number): TextStyle {
  const strokePx = Math.max(1, Math.round(fontScale * 1.7));
  const rimPx = Math.max(1, Math.round(fontScale * 1.4));
  const paddingPx = 2 * Math.ceil(fontScale * 4);
  const ascent = Math.ceil(capitalPx * fontScale) + rimPx + Math.ceil(strokePx / 2);
  const descent = Math.ceil(descenderPx * fontScale) + rimPx;
  return {
    fontScale,
    strokePx,
    rimPx,
    // Even, so that it also falls on whole samples of a half-size plane.
    heightPx: 2 * Math.ceil((ascent + descent + paddingPx) / 2),
    baselinePx: paddingPx / 2 + ascent,
    paddingPx,
  };
}

export type TitleLayout = {
  style: TextStyle;
  x: number;
  y: number;
  widthPx: number;
  clockX: number;
  /** 0: no clock. */
  clockPx: number;
  nameX: number;
  name: string;
};

/**
 * The line at the top left: clock, then the camera's name. The letters shrink until the clock fits; the name
 * is shortened to the remaining room. All digits of the font have the same width, so the text does not jump.
 *
 * @param clock any formatted time; empty for no clock
 * @param widthAtScale1 the width of a text in pixels at font scale 1
 * @returns null if there is nothing to draw, or no room for it
 */
export function titleLayout(
  size: FrameSize,
  clock: string,
  name: string,
  widthAtScale1: (text: string) => number,
): TitleLayout | null {
  const style = titleStyle(size, widthAtScale1(clock));
  if (style === null) return null;
  const widthPx = (text: string) => (text === '' ? 0 : textWidthPx(style, widthAtScale1(text)));
  const clockPx = widthPx(clock);
  const gapPx = clock === '' ? 0 : 2 * style.paddingPx;
  const roomPx = contentRoomPx(size, style);
  const fitted = shorten(name, (text) => clockPx + gapPx + widthPx(text) <= roomPx);
  const contentPx = fitted === '' ? clockPx : clockPx + gapPx + widthPx(fitted);
  if (contentPx === 0) return null;
  return {
    style,
    x: style.paddingPx,
    y: style.paddingPx,
    widthPx: 2 * Math.ceil((contentPx + 2 * style.paddingPx) / 2),
    clockX: style.paddingPx,
    clockPx,
    nameX: style.paddingPx + clockPx + gapPx,
    name: fitted,
  };
}

/** Room for a text and its outline. */
export function textWidthPx(style: TextStyle, widthAtScale1: number): number {
  return Math.ceil(widthAtScale1 * style.fontScale) + 2 * style.rimPx;
}

/** The readable size, or the largest below it at which clock and plate fit the frame. */
function titleStyle(size: FrameSize, clockWidthAtScale1: number): TextStyle | null {
  for (let scale = readableFontScale(size); scale > 0.15; scale *= 0.9) {
    const style = textStyle(scale);
    const fitsAcross = textWidthPx(style, clockWidthAtScale1) <= contentRoomPx(size, style);
    if (fitsAcross && style.heightPx + 2 * style.paddingPx <= size.height) return style;
  }
  return null;
}

/** Reserved width: a margin and a padding on each side, and a pixel for rounding to even. */
function contentRoomPx(size: FrameSize, style: TextStyle): number {
  return size.width - 4 * style.paddingPx - 1;
}

function shorten(text: string, fits: (text: string) => boolean): string {
  if (text === '' || fits(text)) return text;
  for (let length = text.length - 1; length > 0; length -= 1) {
    const cut = `${text.slice(0, length).trimEnd()}...`;
    if (fits(cut)) return cut;
  }
  return '';
}
