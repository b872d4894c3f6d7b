/**
 * Encodes a frame's index as a row of black and white cells across the top of the frame. It can be read from the decoded
 * frame at any scale, because everything is a fraction of width and height. Twenty cells: white and black (reference
 * levels), sixteen bits (most significant first), and odd parity of the even and of the odd bits, so that a uniform
 * frame is never a mark.
 */
const cells = 20;
const bits = 16;
/** The row's height as a fraction of the frame's. */
const rowFraction = 1 / 15;

export const timeMarkIndexMax = 2 ** bits - 1;

/** Height of the mark, in rows, for a frame of this height. */
export function timeMarkHeight(pictureHeight: number): number {
  return Math.max(16, Math.round(pictureHeight * rowFraction));
}

const white = 235;
const black = 16;
/** Minimum difference between the levels of the white and the black cell. */
const contrastMin = 60;

/**
 * Draws the mark into the luma plane of a frame (`width` bytes per row). Only the first {@link timeMarkHeight} rows are
 * written, so a plane of that height is enough. Throws a RangeError for an index out of range or a frame narrower than
 * 160.
 */
export function drawTimeMark(luma: Uint8Array, width: number, pictureHeight: number, index: number): void {
  if (!Number.isInteger(index) || index < 0 || index > timeMarkIndexMax) {
    throw new RangeError(`a time mark holds 0 to ${timeMarkIndexMax}, not ${index}`);
  }
  if (width < 160) throw new RangeError('a time mark needs a frame at least 160 wide');
  const values = cellsOf(index);
  const row = new Uint8Array(width);
  for (let x = 0; x < width; x += 1) {
    row[x] = values[Math.min(cells - 1, Math.floor((x * cells) / width))] === true ? white : black;
  }
  for (let y = 0; y < timeMarkHeight(pictureHeight); y += 1) luma.set(row, y * width);
}

/** Reads the mark of a grey frame (one byte per pixel); null if missing or uncertain. */
export function readTimeMark(gray: Uint8Array, width: number, height: number): number | null {
  if (width < cells || height < 8 || gray.length < width * height) return null;
  const levels = Array.from({ length: cells }, (_, cell) => levelOf(gray, width, height, cell));
  const [whiteLevel = 0, blackLevel = 0] = levels;
  const contrast = whiteLevel - blackLevel;
  if (contrast < contrastMin) return null;
  const values: boolean[] = [];
  for (const level of levels) {
    const position = (level - blackLevel) / contrast;
    // Neither black nor white: blurred, or not a mark.
    if (position > 0.35 && position < 0.65) return null;
    values.push(position >= 0.65);
  }
  const index = values.slice(2, 2 + bits).reduce((sum, bit) => sum * 2 + (bit ? 1 : 0), 0);
  return cellsOf(index).every((value, cell) => value === values[cell]) ? index : null;
}

function cellsOf(index: number): boolean[] {
  const data = Array.from({ length: bits }, (_, place) => ((index >> (bits - 1 - place)) & 1) === 1);
  const oddParity = (first: number) =>
    data.filter((bit, place) => place % 2 === first && bit).length % 2 === 0;
  return [true, false, ...data, oddParity(0), oddParity(1)];
}

/** Mean of the middle of a cell, because encoding and scaling blur its edges. */
function levelOf(gray: Uint8Array, width: number, height: number, cell: number): number {
  const rowHeight = height * rowFraction;
  const top = Math.floor(rowHeight * 0.3);
  const bottom = Math.max(top + 1, Math.ceil(rowHeight * 0.7));
  const left = Math.floor(((cell + 0.3) * width) / cells);
  const right = Math.max(left + 1, Math.ceil(((cell + 0.7) * width) / cells));
  let sum = 0;
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) sum += gray[y * width + x] ?? 0;
  }
  return sum / ((bottom - top) * (right - left));
}
