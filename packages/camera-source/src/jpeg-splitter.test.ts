import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createJpegSplitter } from './jpeg-splitter.ts';

const maxBytes = 20_000;

/** Feeds the bytes in chunks of the given sizes, repeatedly, each in memory that is overwritten afterwards. */
function split(bytes: Buffer, chunkSizes: readonly number[] = [bytes.length]) {
  const frames: Buffer[] = [];
  const dropped: number[] = [];
  const splitter = createJpegSplitter({
    maxBytes,
    onFrame: (jpeg) => frames.push(jpeg),
    onDropped: (count) => dropped.push(count),
  });
  for (let i = 0, at = 0; at < bytes.length; i += 1) {
    const chunk = Buffer.from(bytes.subarray(at, at + Math.max(1, chunkSizes[i % chunkSizes.length] ?? 1)));
    splitter.push(chunk);
    at += chunk.length;
    chunk.fill(0xd9);
  }
  return { frames, dropped };
}

const segment = (code: number, payload: Uint8Array | string) => {
  const body = Buffer.from(payload);
  const head = Buffer.of(0xff, code, 0, 0);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
};
const soi = Buffer.of(0xff, 0xd8);
const eoi = Buffer.of(0xff, 0xd9);

/** Coded data: FF is followed by 00 or is a restart marker. */
const scanData = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xfe }).map((byte) => Buffer.of(byte)),
      fc.constant(Buffer.of(0xff, 0x00)),
      fc.integer({ min: 0xd0, max: 0xd7 }).map((code) => Buffer.of(0xff, code)),
      fc.constant(Buffer.of(0xd8, 0xd9, 0xd8)),
    ),
    { maxLength: 60 },
  )
  .map((parts) => Buffer.concat(parts));

const thumbnail = Buffer.concat([soi, segment(0xda, 'x'), Buffer.of(1, 2, 3), eoi]);
const headerSegment = fc.oneof(
  fc
    .tuple(fc.constantFrom(0xc0, 0xc4, 0xdb, 0xdd, 0xe0, 0xe1, 0xfe), fc.uint8Array({ maxLength: 300 }))
    .map(([code, payload]) => segment(code, payload)),
  fc.constant(segment(0xe1, thumbnail)),
  fc.constant(Buffer.concat([Buffer.of(0xff, 0xff), segment(0xe1, 'after fill bytes')])),
);

const jpeg = fc
  .tuple(
    fc.array(headerSegment, { maxLength: 4 }),
    fc.array(fc.tuple(fc.array(headerSegment, { maxLength: 2 }), scanData), { minLength: 1, maxLength: 3 }),
  )
  .map(([headers, scans]) =>
    Buffer.concat([
      soi,
      ...headers,
      // Progressive images have several scans, with tables between them.
      ...scans.flatMap(([tables, data]) => [...tables, segment(0xda, '\x01\x00\x00'), data]),
      eoi,
    ]),
  );

/** Anything without the start of an image. */
const garbage = fc
  .uint8Array({ maxLength: 200 })
  .map((bytes) => Buffer.from(bytes))
  .filter((bytes) => !bytes.includes(Buffer.of(0xff, 0xd8, 0xff)) && !bytes.subarray(-2).equals(soi));

const chunkSizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 });

describe('createJpegSplitter', () => {
  it('returns the same frames for any chunking and any garbage between them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(garbage, jpeg), { maxLength: 6 }),
        garbage,
        chunkSizes,
        (items, tail, sizes) => {
          const stream = Buffer.concat([...items.flat(), tail]);
          expect(split(stream, sizes).frames).toEqual(items.map(([, frame]) => frame));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('drops a frame that is truncated in its coded data and returns the next one', () => {
    fc.assert(
      fc.property(jpeg, scanData, jpeg, chunkSizes, (before, data, after, sizes) => {
        const cut = Buffer.concat([soi, segment(0xdb, 'table'), segment(0xda, 'scan'), data]);
        const { frames, dropped } = split(Buffer.concat([before, cut, after]), sizes);
        expect(frames).toEqual([before, after]);
        expect(dropped).toEqual([cut.length]);
      }),
    );
  });

  it('drops a frame of more than maxBytes, reports its size, and returns the next one', () => {
    const large = Buffer.concat([
      soi,
      segment(0xe1, thumbnail),
      segment(0xda, 'scan'),
      Buffer.alloc(maxBytes, 7),
      eoi,
    ]);
    fc.assert(
      fc.property(jpeg, chunkSizes, (after, sizes) => {
        const { frames, dropped } = split(Buffer.concat([large, after]), sizes);
        expect(frames).toEqual([after]);
        expect(dropped).toEqual([large.length]);
      }),
      { numRuns: 20 },
    );
  });

  it('returns a frame of exactly maxBytes', () => {
    const head = Buffer.concat([soi, segment(0xda, 'scan')]);
    const full = Buffer.concat([head, Buffer.alloc(maxBytes - head.length - 2, 7), eoi]);
    expect(split(full, [999]).frames).toEqual([full]);
  });

  it('keeps no more than maxBytes of a frame that never ends', () => {
    let dropped = 0;
    const splitter = createJpegSplitter({
      maxBytes,
      onFrame: () => undefined,
      onDropped: () => (dropped += 1),
    });
    splitter.push(Buffer.concat([soi, segment(0xda, 'scan')]));
    const before = process.memoryUsage().arrayBuffers;
    const chunk = Buffer.alloc(1_000_000, 7);
    for (let i = 0; i < 100; i += 1) splitter.push(chunk);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(30_000_000);
    splitter.push(eoi);
    expect(dropped).toBe(1);
  });

  it('continues after broken headers, and after an image without coded data', () => {
    const good = Buffer.concat([soi, segment(0xda, 'scan'), Buffer.of(1, 2), eoi]);
    const broken = [
      Buffer.concat([soi, Buffer.of(0x12)]),
      Buffer.concat([soi, Buffer.of(0xff, 0x00)]),
      Buffer.concat([soi, Buffer.of(0xff, 0xdb, 0x00, 0x01)]),
      Buffer.concat([soi, segment(0xdb, 'table'), Buffer.of(0x00)]),
      Buffer.concat([soi, eoi]),
      Buffer.concat([soi, segment(0xdb, 'table')]),
      soi,
    ];
    for (const bytes of broken) {
      expect(split(Buffer.concat([bytes, good])).frames).toEqual([good]);
      expect(split(Buffer.concat([bytes, good]), [1]).frames).toEqual([good]);
    }
  });

  it('never throws on any input', () => {
    const bytes = fc.uint8Array({ maxLength: 500 });
    const markers = fc.array(fc.tuple(fc.constant(0xff), fc.integer({ min: 0xc0, max: 0xff })), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(
        fc.oneof(
          bytes,
          markers.map((m) => Uint8Array.from(m.flat())),
        ),
        chunkSizes,
        (stream, sizes) => {
          const whole = split(Buffer.from(stream));
          expect(split(Buffer.from(stream), sizes)).toEqual(whole);
        },
      ),
      { numRuns: 500 },
    );
  });
});
