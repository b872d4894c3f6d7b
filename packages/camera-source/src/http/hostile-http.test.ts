import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { classifyResponse } from './http-kind.ts';
import { hideTls, readGatewayUrl } from './gateway-address.ts';
import { readJpegHeader, rtpRefusal, withCompleteTables } from './jpeg-headers.ts';
import { createMultipartJpegs } from './multipart-jpegs.ts';
import { retryAfterMs } from './snapshot-feed.ts';
import { createJpegSplitter } from '../jpeg-splitter.ts';
import { near, cuts, split, timeMs, manyOf, limits, readMaxMs } from '../fixtures/near-grammar.ts';

const jpegWords = [
  ...[
    [0xff, 0xd8],
    [0xff, 0xd9],
    [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0],
    [0xff, 0xc0, 0, 11, 8, 0, 16, 0, 16, 1, 1, 0x11, 0],
  ],
  ...[
    [0xff, 0xdb, 0, 3, 0],
    [0xff, 0xc4, 0, 2],
    [0xff, 0xdd, 0, 4, 0, 1],
    [0xff],
    [0],
    [0xff, 0],
    [0xff, 0xd0],
    [0xff, 0xe0, 0, 0],
  ],
  ...[
    [0xff, 0xe1, 0xff, 0xff],
    [0xff, 0xee, 0, 14, 65, 100, 111, 98, 101, 0, 100, 0, 0, 0, 0, 0],
    [0xff, 0xc2, 0, 17],
  ],
  ...['\r\n--b\r\n', 'Content-Type: image/jpeg\r\n', 'Content-Length: 99999\r\n\r\n', '--', '\n'],
];

describe('hostile bytes of an HTTP camera', () => {
  it('are the same pictures however they are split, none larger than allowed', () => {
    const maxBytes = 300;
    const pictures = (chunks: readonly Buffer[]) => {
      const found: string[] = [];
      const parts = createMultipartJpegs({ maxBytes, onPicture: (jpeg) => found.push(jpeg.toString('hex')) });
      for (const chunk of chunks) parts.push(chunk);
      expect(parts.problem().length).toBeGreaterThan(0);
      return found;
    };
    fc.assert(
      fc.property(near(...jpegWords), cuts, (bytes, at) => {
        const whole = pictures([bytes]);
        expect(pictures(split(bytes, at))).toEqual(whole);
        // A picture without an end marker gets one.
        for (const picture of whole) expect(picture.length / 2).toBeLessThanOrEqual(maxBytes + 2);
      }),
      limits,
    );
  });

  it('account for each byte of a picture once', () => {
    fc.assert(
      fc.property(near(...jpegWords), cuts, (bytes, at) => {
        let counted = 0;
        const splitter = createJpegSplitter({
          maxBytes: 200,
          onFrame: (jpeg) => (counted += jpeg.length),
          onDropped: (dropped) => {
            expect(dropped).toBeGreaterThanOrEqual(0);
            counted += dropped;
          },
        });
        for (const chunk of split(bytes, at)) splitter.push(chunk);
        expect(counted).toBeLessThanOrEqual(bytes.length);
      }),
      limits,
    );
  });

  it('are headers that are read, completed and read again', () => {
    fc.assert(
      fc.property(near(...jpegWords), (bytes) => {
        const jpeg = Buffer.concat([Buffer.of(0xff, 0xd8), bytes]);
        const header = readJpegHeader(jpeg);
        if (!header) return;
        rtpRefusal(header);
        const complete = withCompleteTables(jpeg, header);
        expect(complete.length).toBeLessThanOrEqual(jpeg.length + 1024);
        const again = readJpegHeader(complete);
        expect(again).toMatchObject({ width: header.width, height: header.height });
        if (header.coding === 'baseline') expect(again?.huffmanTables).not.toBe('missing');
      }),
      limits,
    );
  });

  it.each([
    ...[
      '\xff\xd8',
      '\xff',
      '\xff\xd8\xff\xda\0\x02',
      '\xff\xd8\xff\xe0\0\x02',
      '\r\n--b\r\n',
      '\0',
      '\xff\xd8\xff\xff',
    ],
    ...[
      '\xff\xd8\xff\xda\0\x02\r\n--b\r\n',
      '\xff\xd8\xff\xda\0\x02\r\n',
      '\xff\xda\0\x02',
      '\xff\xd8\xff\xc4\0\x13',
    ],
  ])('are read in time: 256 KiB of %j, also byte by byte', (unit) => {
    const bytes = manyOf(unit);
    const read = (chunks: readonly Buffer[]) => {
      const parts = createMultipartJpegs({ onPicture: () => undefined });
      for (const chunk of chunks) parts.push(chunk);
    };
    expect(timeMs(() => read([bytes]))).toBeLessThan(readMaxMs);
    expect(timeMs(() => read(split(bytes.subarray(0, 65_536), [...Array(65_536).keys()])))).toBeLessThan(
      readMaxMs,
    );
    expect(timeMs(() => readJpegHeader(Buffer.concat([Buffer.of(0xff, 0xd8), bytes])))).toBeLessThan(
      readMaxMs,
    );
  });

  it('have one verdict at their end, and keep it', () => {
    const words = [
      '#EXTM3U',
      '<html>',
      '--b',
      '\r\n',
      'content-type: image/jpeg',
      '\u00ef\u00bb\u00bf',
      '\0',
      ' ',
    ];
    const types = [
      'image/jpeg',
      'multipart/x-mixed-replace',
      'text/html',
      '',
      ';',
      'application/json',
      'video/mp2t',
    ];
    fc.assert(
      fc.property(
        near(...words, [0xff, 0xd8]),
        fc.constantFrom(...types, null),
        cuts,
        (bytes, contentType, at) => {
          const response = { contentType, path: '/x' };
          const last = classifyResponse({ ...response, start: bytes, ended: true });
          expect(last).not.toBeNull();
          let start = Buffer.alloc(0);
          let first: unknown = null;
          for (const part of split(bytes, at)) {
            start = Buffer.concat([start, part]);
            first ??= classifyResponse({ ...response, start, ended: false });
          }
          if (first !== null) expect(JSON.stringify(first).length).toBeLessThan(300);
        },
      ),
      limits,
    );
  });

  it('are playlists and redirects that name no https, in time', () => {
    const words = [
      'https://',
      'HTTPS://',
      'a.example',
      '[::1]',
      ':443',
      '@',
      '/',
      '"',
      '\n',
      '#EXTM3U\n',
      '%',
      '[',
      ']',
    ];
    fc.assert(
      fc.property(near(...words), (bytes) => {
        const hidden = hideTls(bytes.toString('latin1'));
        expect(hidden.match(/https:\/\/[a-z0-9.]+[/\n"]/i)).toBeNull();
        readGatewayUrl(hidden);
      }),
      limits,
    );
    for (const unit of ['https://', 'https://a', 'https://a@', 'https://a:', 'a', '@', 'https://[']) {
      expect(timeMs(() => hideTls(manyOf(unit).toString('latin1')))).toBeLessThan(readMaxMs);
    }
  });

  it('are delays of at most ten seconds, or none', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.constantFrom('9'.repeat(400), '-1', '1e9', 'Tue, 01 Jan 2999 00:00:00 GMT')),
        (value) => {
          const ms = retryAfterMs(value, 0);
          if (ms !== null) expect(ms >= 0 && ms <= 10_000).toBe(true);
        },
      ),
      limits,
    );
  });
});
