/** The RTP payloads of a baseline JPEG (RFC 2435), with its quantization tables in the first one. */
export function jpegPayloads(jpeg: Buffer, payloadMaxBytes: number): Buffer[] {
  const { width, height, isSampled420, tables, scan } = readJpeg(jpeg);
  const type = isSampled420 ? 1 : 0;
  const tableHead = Buffer.from([0, 0, tables.length >> 8, tables.length & 0xff]);
  const payloads: Buffer[] = [];
  for (let offset = 0; offset < scan.length; offset += payloadMaxBytes) {
    const place = [(offset >> 16) & 0xff, (offset >> 8) & 0xff, offset & 0xff];
    const head = Buffer.from([0, ...place, type, 255, Math.ceil(width / 8), Math.ceil(height / 8)]);
    const bytes = scan.subarray(offset, offset + payloadMaxBytes);
    payloads.push(Buffer.concat(offset === 0 ? [head, tableHead, tables, bytes] : [head, bytes]));
  }
  return payloads;
}

/** Segments of a JPEG (ITU-T T.81, Annex B). */
function readJpeg(jpeg: Buffer): {
  width: number;
  height: number;
  isSampled420: boolean;
  tables: Buffer;
  scan: Buffer;
} {
  const tables: Buffer[] = [];
  let [width, height, isSampled420] = [0, 0, true];
  for (let at = 2; at + 4 <= jpeg.length;) {
    const marker = jpeg[at + 1] ?? 0;
    const length = jpeg.readUInt16BE(at + 2);
    const segment = jpeg.subarray(at + 4, at + 2 + length);
    if (marker === 0xdb)
      for (let i = 0; i + 65 <= segment.length; i += 65) tables.push(segment.subarray(i + 1, i + 65));
    if (marker === 0xc0) {
      height = segment.readUInt16BE(1);
      width = segment.readUInt16BE(3);
      isSampled420 = segment[7] === 0x22;
    }
    at += 2 + length;
    if (marker === 0xda) {
      // The luma and the chroma table; FFmpeg writes one for both.
      const both = Buffer.concat(tables.length === 1 ? [...tables, ...tables] : tables);
      return { width, height, isSampled420, tables: both, scan: jpeg.subarray(at, -2) };
    }
  }
  throw new Error('the JPEG has no scan');
}
