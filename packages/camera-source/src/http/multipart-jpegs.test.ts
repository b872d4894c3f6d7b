import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createMultipartJpegs } from './multipart-jpegs.ts';
import { testJpeg } from './testing/test-jpeg.ts';

function readParts(body: Buffer, cuts: readonly number[] = [], maxBytes?: number) {
  const pictures: Buffer[] = [];
  const reader = createMultipartJpegs({
    onPicture: (jpeg) => pictures.push(jpeg),
    ...(maxBytes === undefined ? {} : { maxBytes }),
  });
  const ends = [...cuts.map((cut) => cut % (body.length + 1)), body.length].sort((a, b) => a - b);
  ends.forEach((end, index) => reader.push(body.subarray(ends[index - 1] ?? 0, end)));
  return { pictures, problem: reader.problem() };
}

/** The parts of a camera: what stands before, between and after its pictures. */
type Shape = { preamble: string; before: (bytes: number) => string; after: string; endMarker?: boolean };

const lengthOf = (bytes: number) => `Content-Type: image/jpeg\r\nContent-Length: ${bytes}\r\n\r\n`;
const shapes: Record<string, Shape> = {
  'as the RFC says': { preamble: '', before: (n) => `--frame\r\n${lengthOf(n)}`, after: '\r\n' },
  'no boundary before the first part': { preamble: '', before: lengthOf, after: '\r\n--frame\r\n' },
  'a boundary without dashes': { preamble: '', before: (n) => `frame\r\n${lengthOf(n)}`, after: '\r\n' },
  'extra dashes': { preamble: '', before: (n) => `----frame--\r\n${lengthOf(n)}`, after: '\r\n' },
  'image/jpg without a length': {
    preamble: '',
    before: () => '--frame\r\nContent-Type: image/jpg\r\n\r\n',
    after: '\r\n',
  },
  'a wrong length': { preamble: '', before: (n) => `--frame\r\n${lengthOf(n + 7)}`, after: '\r\n' },
  'no part headers': { preamble: '', before: () => '--frame\r\n\r\n', after: '\r\n' },
  'LF alone': { preamble: '\n', before: () => '--frame\nContent-type: image/jpeg\n\n', after: '\n' },
  'a preamble': { preamble: 'HTTP camera\r\n\r\n', before: (n) => `--a\r\n${lengthOf(n)}`, after: '\r\n' },
  'nothing between pictures': { preamble: '', before: () => '', after: '' },
  'garbage between pictures': { preamble: '\0\x01', before: () => '\xff\xfe\xff\0--\r\n', after: '\0\0\xff' },
  'no end marker': {
    preamble: '',
    before: (n) => `--frame\r\n${lengthOf(n)}`,
    after: '\r\n',
    endMarker: false,
  },
  'no end marker and no lengths': {
    preamble: '',
    before: () => '--frame\r\nContent-Type: image/jpeg\r\n\r\n',
    after: '\r\n',
    endMarker: false,
  },
};

const jpegs = [1, 2, 3, 4].map((byte) =>
  testJpeg({ huffman: 'missing', scan: [byte, 0xff, 0, 0xff, 0xd3, byte] }),
);

function bodyOf({ preamble, before, after, endMarker = true }: Shape): Buffer {
  const parts = jpegs.map((jpeg) => {
    const sent = endMarker ? jpeg : jpeg.subarray(0, -2);
    const text = (part: string) => Buffer.from(part, 'latin1');
    return Buffer.concat([text(before(sent.length)), sent, text(after)]);
  });
  return Buffer.concat([Buffer.from(preamble, 'latin1'), ...parts]);
}

describe('the pictures of a multipart body', () => {
  it.each(Object.entries(shapes))('are the same for any split of the bytes, with %s', (_name, shape) => {
    const body = bodyOf(shape);
    // The end of the last picture is not known without an end marker.
    const expected = shape.endMarker === false ? jpegs.slice(0, -1) : jpegs;
    const found = (cuts: readonly number[]) => Buffer.concat(readParts(body, cuts).pictures);
    expect(readParts(body).pictures).toEqual(expected);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 40 }), (cuts) => {
        expect(found(cuts).equals(Buffer.concat(expected))).toBe(true);
      }),
      { numRuns: 100 },
    );
    expect(readParts(body, [...body.keys()]).pictures).toEqual(expected);
  });

  it('leaves out a picture that was cut off, where others have an end', () => {
    const [whole = Buffer.alloc(0), cut = Buffer.alloc(0), next = Buffer.alloc(0)] = jpegs;
    const { pictures } = readParts(Buffer.concat([whole, cut.subarray(0, -4), next]));
    expect(pictures).toEqual([whole, next]);
  });

  it('leaves out a picture that is too large, and keeps no part of it', () => {
    const large = testJpeg({ scan: Array<number>(5000).fill(7) });
    const { pictures } = readParts(Buffer.concat([large, ...jpegs]), [2000, 4000], 2000);
    expect(pictures).toEqual(jpegs);
  });
});

describe('a body without pictures', () => {
  it.each([
    ['', 'nothing'],
    ['--a\r\nContent-Type: video/h264\r\n\r\nxyz', 'video/h264, not JPEG pictures'],
    ['--a\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\xff\xdb', 'no complete picture'],
    ['plain text', 'no JPEG pictures'],
    ['\xff\xd8\xff\xda\0\x02abc\xff\xd8\xff\xdb', 'no complete picture|no JPEG pictures'],
  ])('is described: %j', (body, expected) => {
    expect(readParts(Buffer.from(body, 'latin1')).problem).toMatch(new RegExp(`^(${expected})$`));
  });

  it('is described by the size of its pictures', () => {
    const large = testJpeg({ scan: Array<number>(3_000_000).fill(7) });
    expect(readParts(large, [1000], 2 * 1024 * 1024).problem).toBe('pictures of more than 2 MiB');
  });
});
