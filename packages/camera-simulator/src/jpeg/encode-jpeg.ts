import { acCounts, acValues, dcCounts, dcValues, zigZag } from './jpeg-tables.ts';

export type JpegPicture = {
  width: number;
  height: number;
  /** One plane: grey. Three: YCbCr, each of full size (4:4:4). */
  planes: readonly Uint8Array[];
};

export type JpegEncoding = {
  /** Progressive by spectral selection: one scan for DC, one per component for AC. */
  isProgressive?: boolean;
  /** Blocks between two restart markers. */
  restartInterval?: number;
};

type Block = Int16Array;
type Component = { id: number; blocks: Block[] };

const quantizer = 16;

/**
 * Encodes a JPEG (ITU-T T.81) in the forms that FFmpeg does not write: grey, progressive, with restart markers. One
 * quantization table, one pair of Huffman tables, no subsampling.
 */
export function encodeJpeg(picture: JpegPicture, encoding: JpegEncoding = {}): Buffer {
  const components = picture.planes.map((plane, index) => ({
    id: index + 1,
    blocks: blocksOf(picture, plane),
  }));
  const { isProgressive = false, restartInterval = 0 } = encoding;
  const size = [picture.height >> 8, picture.height & 255, picture.width >> 8, picture.width & 255];
  const frame = components.flatMap(({ id }) => [id, 0x11, 0]);
  const head = [
    Buffer.from([0xff, 0xd8]),
    segment(0xdb, [0, ...Array<number>(64).fill(quantizer)]),
    segment(isProgressive ? 0xc2 : 0xc0, [8, ...size, components.length, ...frame]),
    segment(0xc4, [0x00, ...dcCounts, ...dcValues]),
    segment(0xc4, [0x10, ...acCounts, ...acValues]),
    ...(restartInterval === 0 ? [] : [segment(0xdd, [restartInterval >> 8, restartInterval & 255])]),
  ];
  const scans = isProgressive
    ? [
        scan(components, 0, 0, restartInterval),
        ...components.map((component) => scan([component], 1, 63, restartInterval)),
      ]
    : [scan(components, 0, 63, restartInterval)];
  return Buffer.concat([...head, ...scans, Buffer.from([0xff, 0xd9])]);
}

function segment(marker: number, content: readonly number[]): Buffer {
  const length = content.length + 2;
  return Buffer.from([0xff, marker, length >> 8, length & 255, ...content]);
}

function scan(
  components: readonly Component[],
  first: number,
  last: number,
  restartInterval: number,
): Buffer {
  const selectors = components.flatMap(({ id }) => [id, 0]);
  const head = segment(0xda, [components.length, ...selectors, first, last, 0]);
  const parts: Buffer[] = [head];
  let writer = createBitWriter();
  const previous = components.map(() => 0);
  const count = components[0]?.blocks.length ?? 0;
  for (let index = 0; index < count; index += 1) {
    if (restartInterval > 0 && index > 0 && index % restartInterval === 0) {
      parts.push(writer.end(), Buffer.from([0xff, 0xd0 + ((index / restartInterval - 1) % 8)]));
      writer = createBitWriter();
      previous.fill(0);
    }
    components.forEach(({ blocks }, place) => {
      const block = blocks[index] ?? new Int16Array(64);
      if (first === 0) {
        writeDc(writer, (block[0] ?? 0) - (previous[place] ?? 0));
        previous[place] = block[0] ?? 0;
      }
      if (last > 0) writeAc(writer, block, Math.max(1, first), last);
    });
  }
  return Buffer.concat([...parts, writer.end()]);
}

type BitWriter = { bits(value: number, length: number): void; end(): Buffer };

function createBitWriter(): BitWriter {
  const bytes: number[] = [];
  let pending = 0;
  let held = 0;
  const bits = (value: number, length: number) => {
    for (let place = length - 1; place >= 0; place -= 1) {
      pending = (pending << 1) | ((value >> place) & 1);
      held += 1;
      if (held < 8) continue;
      bytes.push(pending);
      if (pending === 0xff) bytes.push(0);
      pending = 0;
      held = 0;
    }
  };
  return {
    bits,
    end: () => {
      if (held > 0) bits(0x7f, 8 - held);
      return Buffer.from(bytes);
    },
  };
}

const dcCodes = codesOf(dcCounts, dcValues);
const acCodes = codesOf(acCounts, acValues);

/** Codes of a Huffman table (Annex C). */
function codesOf(
  counts: readonly number[],
  values: readonly number[],
): Map<number, [code: number, length: number]> {
  const codes = new Map<number, [number, number]>();
  let code = 0;
  let place = 0;
  counts.forEach((count, index) => {
    for (let i = 0; i < count; i += 1) {
      codes.set(values[place] ?? 0, [code, index + 1]);
      place += 1;
      code += 1;
    }
    code <<= 1;
  });
  return codes;
}

function writeDc(writer: BitWriter, difference: number): void {
  const size = sizeOf(difference);
  writer.bits(...(dcCodes.get(size) ?? [0, 0]));
  writer.bits(amplitude(difference, size), size);
}

function writeAc(writer: BitWriter, block: Block, first: number, last: number): void {
  let zeros = 0;
  for (let place = first; place <= last; place += 1) {
    const value = block[place] ?? 0;
    if (value === 0) {
      zeros += 1;
      continue;
    }
    for (; zeros > 15; zeros -= 16) writer.bits(...(acCodes.get(0xf0) ?? [0, 0]));
    const size = sizeOf(value);
    writer.bits(...(acCodes.get((zeros << 4) | size) ?? [0, 0]));
    writer.bits(amplitude(value, size), size);
    zeros = 0;
  }
  if (zeros > 0) writer.bits(...(acCodes.get(0) ?? [0, 0]));
}

function sizeOf(value: number): number {
  return value === 0 ? 0 : Math.floor(Math.log2(Math.abs(value))) + 1;
}

function amplitude(value: number, size: number): number {
  return value < 0 ? value + 2 ** size - 1 : value;
}

/** Quantized coefficients of a plane's 8×8 blocks in zigzag order. Blocks at the edges repeat the last pixels. */
function blocksOf({ width, height }: JpegPicture, plane: Uint8Array): Block[] {
  const blocks: Block[] = [];
  const pixels = new Float64Array(64);
  for (let top = 0; top < height; top += 8) {
    for (let left = 0; left < width; left += 8) {
      for (let i = 0; i < 64; i += 1) {
        const y = Math.min(height - 1, top + (i >> 3));
        const x = Math.min(width - 1, left + (i & 7));
        pixels[i] = (plane[y * width + x] ?? 0) - 128;
      }
      const coefficients = transform(pixels);
      blocks.push(Int16Array.from(zigZag, (place) => Math.round((coefficients[place] ?? 0) / quantizer)));
    }
  }
  return blocks;
}

const cosines = Float64Array.from({ length: 64 }, (_, i) => {
  const [frequency, x] = [i >> 3, i & 7];
  return (frequency === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * frequency * Math.PI) / 16);
});

/** The discrete cosine transform (Annex A), rows and then columns. */
function transform(pixels: Float64Array): Float64Array {
  const rows = new Float64Array(64);
  const result = new Float64Array(64);
  for (let i = 0; i < 64; i += 1) {
    let sum = 0;
    for (let x = 0; x < 8; x += 1) sum += (pixels[(i & 56) + x] ?? 0) * (cosines[(i & 7) * 8 + x] ?? 0);
    rows[i] = sum;
  }
  for (let i = 0; i < 64; i += 1) {
    let sum = 0;
    for (let y = 0; y < 8; y += 1) sum += (rows[y * 8 + (i & 7)] ?? 0) * (cosines[(i >> 3) * 8 + y] ?? 0);
    result[i] = sum;
  }
  return result;
}
