import { describe, expect, it } from '@jest/globals';
import { readJpegHeader, rtpRefusal, withCompleteTables } from './jpeg-headers.ts';
import { standardHuffmanTables } from './jpeg-huffman-tables.ts';
import { testJpeg } from './testing/test-jpeg.ts';

describe('the header of a JPEG', () => {
  it('is read up to the first scan', () => {
    expect(readJpegHeader(testJpeg({ width: 640, height: 360 }))).toMatchObject({
      ...{ width: 640, height: 360, precision: 8, coding: 'baseline', colour: 'ycbcr' },
      ...{ restartInterval: 0, huffmanTables: 'standard', scanComponents: 3 },
      components: [
        { id: 1, horizontal: 2, vertical: 2, quantizationTable: 0 },
        { id: 2, horizontal: 1, vertical: 1, quantizationTable: 1 },
        { id: 3, horizontal: 1, vertical: 1, quantizationTable: 1 },
      ],
    });
  });

  it('is null for other bytes and for every shorter start', () => {
    const jpeg = testJpeg({});
    expect(readJpegHeader(Buffer.from('GIF89a'))).toBeNull();
    for (let length = 0; length < jpeg.length - 20; length += 1) {
      expect(readJpegHeader(jpeg.subarray(0, length))).toBeNull();
    }
  });
});

describe('RTP', () => {
  it.each([
    {},
    { sampling: '4:2:2' as const },
    { width: 2040, height: 1080 },
    { huffman: 'missing' as const },
  ])('carries %j', (options) => {
    const header = readJpegHeader(testJpeg(options));
    expect(header && rtpRefusal(header)).toBeNull();
  });

  it.each([
    [{ width: 2560, height: 1440 }, '2560×1440 pixels, more than 2040'],
    [{ components: 1 }, 'grey'],
    [{ adobeTransform: 0 }, 'not YCbCr'],
    [{ frameMarker: 0xc2 }, 'progressive'],
    [{ precision: 12 }, 'baseline'],
    [{ sampling: '4:4:4' as const }, 'sampling factors'],
    [{ restartInterval: 20 }, 'restart markers'],
    [{ huffman: 'own' as const }, 'standard Huffman tables'],
    [{ quantizationTables: 3 }, 'quantization tables'],
  ])('does not carry %j', (options, reason) => {
    const header = readJpegHeader(testJpeg(options));
    expect(header && rtpRefusal(header)).toContain(reason);
  });
});

describe('missing tables', () => {
  const completed = (jpeg: Buffer) => {
    const header = readJpegHeader(jpeg);
    if (!header) throw new Error('not a JPEG');
    return withCompleteTables(jpeg, header);
  };

  it('leaves a complete picture as it is', () => {
    const jpeg = testJpeg({});
    expect(completed(jpeg)).toBe(jpeg);
  });

  it('adds the standard Huffman tables', () => {
    const jpeg = completed(testJpeg({ huffman: 'missing' }));
    expect(readJpegHeader(jpeg)).toMatchObject({ huffmanTables: 'standard', width: 320 });
    for (const table of standardHuffmanTables) expect(jpeg.includes(Buffer.from(table))).toBe(true);
  });

  it('adds a second quantization table for colour', () => {
    const original = testJpeg({ quantizationTables: 1, huffman: 'missing' });
    const before = Buffer.from(original);
    const header = readJpegHeader(completed(original));
    expect(original).toEqual(before);
    expect(header?.quantizationTables.map(({ id }) => id)).toEqual([0, 1]);
    expect(header?.components.map(({ quantizationTable }) => quantizationTable)).toEqual([0, 1, 1]);
    expect(header?.huffmanTables).toBe('standard');
  });
});
