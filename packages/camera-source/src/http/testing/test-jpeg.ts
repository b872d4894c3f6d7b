import { standardHuffmanTables } from '../jpeg-huffman-tables.ts';

export type TestJpegOptions = {
  width?: number;
  height?: number;
  components?: number;
  sampling?: '4:2:0' | '4:2:2' | '4:4:4';
  precision?: number;
  /** 0xc0: baseline. */
  frameMarker?: number;
  restartInterval?: number;
  adobeTransform?: number;
  huffman?: 'standard' | 'own' | 'missing';
  quantizationTables?: number;
  /** Distinguishes pictures. */
  scan?: readonly number[];
  endMarker?: boolean;
};

/** A JPEG with valid headers; its coded data is not a picture. */
export function testJpeg(options: TestJpegOptions): Buffer {
  const { width = 320, height = 240, components = 3, quantizationTables = 2 } = options;
  const luma = { '4:2:0': 0x22, '4:2:2': 0x21, '4:4:4': 0x11 }[options.sampling ?? '4:2:0'];
  const colourTable = quantizationTables === 1 ? 0 : 1;
  const ids = Array.from({ length: components }, (_, index) => index + 1);
  const parts: Buffer[] = [Buffer.of(0xff, 0xd8)];
  const add = (code: number, content: readonly number[] | Uint8Array) =>
    parts.push(Buffer.of(0xff, code, (content.length + 2) >> 8, (content.length + 2) & 0xff, ...content));
  if (options.adobeTransform !== undefined) {
    add(0xee, [...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, options.adobeTransform]);
  }
  for (let id = 0; id < quantizationTables; id += 1) add(0xdb, [id, ...Array<number>(64).fill(16)]);
  add(options.frameMarker ?? 0xc0, [
    ...[options.precision ?? 8, height >> 8, height & 0xff, width >> 8, width & 0xff, components],
    ...ids.flatMap((id) => [id, id === 1 && components > 1 ? luma : 0x11, id === 1 ? 0 : colourTable]),
  ]);
  const { huffman = 'standard' } = options;
  if (huffman !== 'missing') {
    for (const table of standardHuffmanTables) {
      const content = Buffer.from(table);
      if (huffman === 'own') content[content.length - 1] = 0;
      add(0xc4, content);
    }
  }
  if (options.restartInterval !== undefined) {
    add(0xdd, [options.restartInterval >> 8, options.restartInterval & 0xff]);
  }
  add(0xda, [components, ...ids.flatMap((id) => [id, 0]), 0, 63, 0]);
  parts.push(Buffer.from(options.scan ?? [1, 2, 3, 0xff, 0, 4]));
  if (options.endMarker !== false) parts.push(Buffer.of(0xff, 0xd9));
  return Buffer.concat(parts);
}
