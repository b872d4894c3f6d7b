import { huffmanTableId, standardHuffmanTables } from './jpeg-huffman-tables.ts';

type Component = { id: number; horizontal: number; vertical: number; quantizationTable: number };

/** The headers of a JPEG up to its first scan (ITU-T T.81, annex B). */
export type JpegHeader = {
  width: number;
  height: number;
  /** Bits per sample. */
  precision: number;
  coding: 'baseline' | 'extended' | 'progressive' | 'other';
  components: readonly Component[];
  /** Components of the first scan; fewer than `components` if the picture has several scans. */
  scanComponents: number;
  colour: 'grey' | 'ycbcr' | 'rgb' | 'other';
  /** Blocks between restart markers; 0: no restart markers. */
  restartInterval: number;
  quantizationTables: readonly { id: number; values: Uint8Array }[];
  /** `missing`: the decoder has to use the standard tables. */
  huffmanTables: 'standard' | 'own' | 'missing';
};

const marker = { sof0: 0xc0, dht: 0xc4, jpg: 0xc8, dac: 0xcc, sos: 0xda, dqt: 0xdb, dri: 0xdd, app14: 0xee };

/** Null if the bytes are not the start of a JPEG, or end before its first scan. */
export function readJpegHeader(jpeg: Uint8Array): JpegHeader | null {
  if (jpeg[0] !== 0xff || jpeg[1] !== 0xd8) return null;
  let frame: Pick<JpegHeader, 'width' | 'height' | 'precision' | 'coding' | 'components'> | null = null;
  let restartInterval = 0;
  let adobeTransform: number | null = null;
  const quantizationTables: { id: number; values: Uint8Array }[] = [];
  const huffman = new Set<'standard' | 'own'>();
  for (const { code, data } of segments(jpeg)) {
    if (isFrame(code)) frame = readFrame(code, data);
    else if (code === marker.dri) restartInterval = uint16(data, 0);
    else if (code === marker.dqt) quantizationTables.push(...readQuantizationTables(data));
    else if (code === marker.dht) readHuffmanTables(data).forEach((kind) => huffman.add(kind));
    else if (code === marker.app14 && text(data, 5) === 'Adobe') adobeTransform = data[11] ?? null;
    else if (code === marker.sos) {
      if (!frame || frame.width === 0 || frame.height === 0) return null;
      return {
        ...frame,
        scanComponents: data[0] ?? 0,
        colour: colourOf(frame.components, adobeTransform),
        restartInterval,
        quantizationTables,
        huffmanTables: huffman.has('own') ? 'own' : huffman.has('standard') ? 'standard' : 'missing',
      };
    }
  }
  return null;
}

/**
 * Why RTP cannot carry pictures like this; null if it can. RFC 2435 carries a type, a size in units of 8 pixels and two
 * quantization tables, and the receiver assumes the rest. A size that is not a multiple of 8 is rounded up, which repeats
 * pixels at the edge. FFmpeg 5.1 to 9 implements no restart markers.
 */
export function rtpRefusal(header: JpegHeader): string | null {
  return rtpRules.find(({ refuses }) => refuses(header))?.reason(header) ?? null;
}

const rtpSideMax = 2040;

const rtpRules: readonly { refuses(header: JpegHeader): boolean; reason(header: JpegHeader): string }[] = [
  {
    refuses: ({ width, height }) => width > rtpSideMax || height > rtpSideMax,
    reason: ({ width, height }) => `they have ${width}×${height} pixels, more than ${rtpSideMax} on a side`,
  },
  { refuses: ({ colour }) => colour === 'grey', reason: () => 'they are grey' },
  { refuses: ({ colour }) => colour !== 'ycbcr', reason: () => 'their colours are not YCbCr' },
  { refuses: ({ coding }) => coding === 'progressive', reason: () => 'they are progressive' },
  {
    refuses: ({ coding, precision, scanComponents }) =>
      coding !== 'baseline' || precision !== 8 || scanComponents !== 3,
    reason: () => 'they are not baseline JPEGs of 8 bits in one scan',
  },
  {
    refuses: ({ components }) => !isSampling(components, 2, 2) && !isSampling(components, 2, 1),
    // FFmpeg writes 4:2:2 with two blocks per colour, which RTP cannot describe either.
    reason: () => 'their sampling factors are not those of 4:2:0 or 4:2:2 with one block per colour',
  },
  { refuses: ({ restartInterval }) => restartInterval > 0, reason: () => 'they have restart markers' },
  {
    refuses: ({ huffmanTables }) => huffmanTables === 'own',
    reason: () => 'they do not use the standard Huffman tables',
  },
  {
    refuses: (header) => !hasTableForEachKind(header) && !hasOneTable(header),
    reason: () => 'their quantization tables are not one for brightness and one for colour',
  },
];

function isSampling([first, ...others]: readonly Component[], horizontal: number, vertical: number): boolean {
  return (
    first?.horizontal === horizontal &&
    first.vertical === vertical &&
    others.every((component) => component.horizontal === 1 && component.vertical === 1)
  );
}

function hasTableForEachKind({ quantizationTables, components }: JpegHeader): boolean {
  return (
    quantizationTables.map(({ id }) => id).join() === '0,1' &&
    components.map(({ quantizationTable }) => quantizationTable).join() === '0,1,1'
  );
}

function hasOneTable({ quantizationTables, components }: JpegHeader): boolean {
  return (
    quantizationTables.length === 1 &&
    quantizationTables[0]?.values.length === 64 &&
    components.every(({ quantizationTable }) => quantizationTable === quantizationTables[0]?.id)
  );
}

/**
 * The picture with the tables that decoders and RTP expect: the standard Huffman tables where a camera leaves them out,
 * and a quantization table for colour where it uses that for brightness. The same buffer if it has them.
 */
export function withCompleteTables(jpeg: Buffer, header: JpegHeader): Buffer {
  const addHuffman = header.huffmanTables === 'missing' && header.coding === 'baseline';
  const [table] = header.quantizationTables;
  const addQuantization = header.components.length === 3 && hasOneTable(header) && table !== undefined;
  if (!addHuffman && !addQuantization) return jpeg;
  const added: Uint8Array[] = [];
  let rest: Buffer = jpeg;
  if (addHuffman) added.push(...standardHuffmanTables.map((content) => segment(marker.dht, content)));
  if (addQuantization) {
    rest = Buffer.from(jpeg);
    for (const { code, data } of segments(rest)) {
      if (code === marker.dqt) data[0] = 0;
      if (isFrame(code)) [0, 1, 1].forEach((id, index) => (data[8 + index * 3] = id));
    }
    const last = segment(marker.dqt, Uint8Array.of(1, ...table.values));
    const at = endOfFirst(rest, marker.dqt);
    rest = Buffer.concat([rest.subarray(0, at), last, rest.subarray(at)]);
  }
  return Buffer.concat([rest.subarray(0, 2), ...added, rest.subarray(2)]);
}

type Segment = { code: number; data: Uint8Array; end: number };

/** The segments up to the first scan header, which is the last. Stops at anything that is not a segment. */
function* segments(jpeg: Uint8Array): Generator<Segment> {
  let at = 2;
  while (at + 4 <= jpeg.length) {
    if (jpeg[at] !== 0xff) return;
    const code = jpeg[at + 1] ?? 0;
    if (code === 0xff) {
      at += 1;
      continue;
    }
    const end = at + 2 + uint16(jpeg, at + 2);
    if (end < at + 4 || end > jpeg.length) return;
    yield { code, data: jpeg.subarray(at + 4, end), end };
    if (code === marker.sos) return;
    at = end;
  }
}

function endOfFirst(jpeg: Uint8Array, code: number): number {
  return [...segments(jpeg)].find((found) => found.code === code)?.end ?? 2;
}

function segment(code: number, content: Uint8Array): Uint8Array {
  const length = content.length + 2;
  return Uint8Array.of(0xff, code, length >> 8, length & 0xff, ...content);
}

function isFrame(code: number): boolean {
  return (
    code >= marker.sof0 && code <= 0xcf && code !== marker.dht && code !== marker.jpg && code !== marker.dac
  );
}

const codings: readonly JpegHeader['coding'][] = ['baseline', 'extended', 'progressive'];

function readFrame(code: number, data: Uint8Array) {
  const components = Array.from({ length: Math.min(4, data[5] ?? 0) }, (_, index): Component => {
    const at = 6 + index * 3;
    const sampling = data[at + 1] ?? 0;
    return {
      id: data[at] ?? 0,
      horizontal: sampling >> 4,
      vertical: sampling & 15,
      quantizationTable: data[at + 2] ?? 0,
    };
  });
  return {
    precision: data[0] ?? 0,
    height: uint16(data, 1),
    width: uint16(data, 3),
    coding: codings[code - marker.sof0] ?? 'other',
    components,
  };
}

function readQuantizationTables(data: Uint8Array): { id: number; values: Uint8Array }[] {
  const tables: { id: number; values: Uint8Array }[] = [];
  for (let at = 0; at < data.length;) {
    const head = data[at] ?? 0;
    const bytes = head >> 4 === 0 ? 64 : 128;
    // A copy: the table outlives the picture.
    tables.push({ id: head & 15, values: data.slice(at + 1, at + 1 + bytes) });
    at += 1 + bytes;
  }
  return tables;
}

function readHuffmanTables(data: Uint8Array): ('standard' | 'own')[] {
  const kinds: ('standard' | 'own')[] = [];
  for (let at = 0; at + 17 <= data.length;) {
    const codes = data.subarray(at + 1, at + 17).reduce((sum, count) => sum + count, 0);
    const table = data.subarray(at, at + 17 + codes);
    const standard = standardHuffmanTables.find((known) => known[huffmanTableId] === table[huffmanTableId]);
    kinds.push(standard && Buffer.compare(standard, table) === 0 ? 'standard' : 'own');
    at += 17 + codes;
  }
  return kinds;
}

/** Three components are YCbCr, unless Adobe's segment or their names say RGB (ITU-T T.872, 6.5.3). */
function colourOf(components: readonly Component[], adobeTransform: number | null): JpegHeader['colour'] {
  if (components.length === 1) return 'grey';
  if (components.length !== 3) return 'other';
  const isNamedRgb = String.fromCharCode(...components.map(({ id }) => id)) === 'RGB';
  return adobeTransform === 0 || isNamedRgb ? 'rgb' : 'ycbcr';
}

function uint16(data: Uint8Array, at: number): number {
  return ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);
}

function text(data: Uint8Array, length: number): string {
  return Buffer.from(data.subarray(0, length)).toString('latin1');
}
