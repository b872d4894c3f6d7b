import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { h264StreamFacts } from './h264-sps.ts';
import { h265StreamFacts } from './h265-sps.ts';
import { createVideoObserver } from './rtp-observer.ts';
import { parseRtcp, parseRtp } from './rtp-packet.ts';
import { createLogin, parseChallenges } from './rtsp-login.ts';
import { RtspProtocolError } from './rtsp-message.ts';
import { audioOf, describeAudio, parseDescription, videoFactsOf, videoOf } from './sdp.ts';
import { createStreamParser } from './stream-parser.ts';
import { sessionUris, trackUris } from './track-uri.ts';
import { near, cuts, split, timeMs, manyOf, limits, readMaxMs } from '../fixtures/near-grammar.ts';

const rtspWords = [
  ...['RTSP/1.0 200 OK\r\n', 'RTSP/', 'CSeq: 1\r\n', 'Content-Length: 5\r\n', 'Content-Length: -1\r\n'],
  ...[
    'Content-Length: 99999999\r\n',
    '\r\n',
    '\n',
    '\r\n\r\n',
    'OPTIONS * RTSP/1.0\r\n',
    'SET_P',
    ' continued\r\n',
  ],
  ...[
    'WWW-Authenticate: Digest realm="a", nonce="b"\r\n',
    'v=0\r\n',
    '$',
    ': x\r\n',
    'RTSP/1.0 999 \u0000\r\n',
  ],
  [0x24, 0, 0, 12, 0x80, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3],
  [0x24, 1, 0, 8, 0x80, 200, 0, 1],
  [0x24, 9, 0xff, 0xff],
];

type Parsed = { events: string[]; bytes: number; failure: string | null };

/** What a connection reports, and how many bytes it reports. */
function parseRtsp(chunks: readonly Buffer[], expectBody: boolean): Parsed {
  const events: string[] = [];
  let bytes = 0;
  let failure: string | null = null;
  const parser = createStreamParser({
    onFrame: (channel, data, start, end) => {
      bytes += end - start;
      events.push(`frame ${channel} ${data.toString('hex', start, end)}`);
    },
    onAnswer: ({ status, body }) => {
      bytes += body.length;
      events.push(`answer ${status} ${body}`);
    },
    onRequest: ({ method, uri }) => events.push(`request ${method} ${uri}`),
    onGarbage: (data) => (bytes += data.length),
  });
  parser.expectBody(expectBody);
  try {
    for (const chunk of chunks) parser.push(chunk);
  } catch (error) {
    if (!(error instanceof RtspProtocolError)) throw error;
    failure = error.message;
  }
  return { events, bytes, failure };
}

describe('hostile bytes of an RTSP camera', () => {
  it('fail with RtspProtocolError alone, and report no more bytes than arrived', () => {
    fc.assert(
      fc.property(near(...rtspWords), fc.boolean(), (bytes, expectBody) => {
        expect(parseRtsp([bytes], expectBody).bytes).toBeLessThanOrEqual(bytes.length * 3);
      }),
      limits,
    );
  });

  it('mean the same however they are split, where no body of unknown length is expected', () => {
    fc.assert(
      fc.property(near(...rtspWords), cuts, (bytes, at) => {
        const { events, failure } = parseRtsp([bytes], false);
        const inParts = parseRtsp(split(bytes, at), false);
        expect({ events: inParts.events, failure: inParts.failure }).toEqual({ events, failure });
      }),
      limits,
    );
  });

  it.each([
    ...[
      'RTSP/',
      'RTSP/1.0 200 OK\r\n',
      'OPTIONS * RTSP/1.0\r\nA: b\r\n',
      'A',
      '$',
      '$\0\0\0',
      '\r\n',
      'S\r\n',
    ],
    ...[
      'RTSP/1.0 200 OK\r\n\r\n',
      'RTSP/1.0 200 OK\r\nContent-Length: 60000\r\n\r\n',
      ' : \r\n',
      'R',
      'GET_P',
    ],
    ...['$\0\0\x0c\x80', '$\x00\xff\xff\x80', 'TEARDOWN x RTSP/1.0 ', 'SET_PARAMETER'],
  ])('are read in time: 256 KiB of %j in chunks of 64 KiB and of 1400 bytes', (unit) => {
    const bytes = manyOf(unit);
    for (const size of [65_536, 1400]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      );
      expect(timeMs(() => parseRtsp(chunks, false))).toBeLessThan(readMaxMs);
    }
  });

  const challenge = near(
    ...[
      'Digest ',
      'Basic ',
      'realm=',
      '"',
      '\\',
      ',',
      '=',
      'nonce="',
      'qop="auth"',
      'algorithm=SHA-256',
      ' ',
      'stale=true',
    ],
  );

  it('are challenges that are answered or left alone', () => {
    fc.assert(
      fc.property(fc.array(challenge, { maxLength: 3 }), (texts) => {
        const values = texts.map((text) => text.toString('latin1'));
        parseChallenges(values);
        const login = createLogin({ username: 'user', password: 'secret' }, () => 'nonce');
        login.learn({
          status: 401,
          headers: new Map([['www-authenticate', values]]),
          body: '',
          irregularity: null,
        });
        // A camera cannot add a header to our next request.
        expect(login.header('DESCRIBE', 'rtsp://camera/x') ?? '').not.toMatch(/[\r\n]/);
      }),
      limits,
    );
  });

  it.each(['Digest ', 'Digest realm="', ',', 'a=', '"\\', 'a="b",', '=,', ' ', 'Basic,Digest '])(
    'are challenges that are read in time: 64 KiB of %j',
    (unit) => {
      const text = unit.repeat(65_536 / unit.length);
      expect(timeMs(() => parseChallenges([text, `Digest ${text}`]))).toBeLessThan(readMaxMs);
    },
  );

  const sdp = near(
    ...[
      'v=0\r\n',
      'm=video 0 RTP/AVP 96\r\n',
      'm=audio 0 RTP/AVP 0 8\r\n',
      'm=',
      'a=rtpmap:96 H264/90000\r\n',
      'a=',
    ],
    ...[
      'a=fmtp:96 sprop-parameter-sets=Z0IAHpWoKA9k,aM48gA==\r\n',
      'a=control:',
      'rtsp://b/',
      '*',
      '\r',
      '\n',
      ' ',
    ],
    ...[
      'a=rtpmap:96 H265/90000\r\n',
      'sprop-sps=',
      '=',
      ';',
      ',',
      'a=framerate:1e309\r\n',
      'a=recvonly\r\n',
      '\t',
    ],
    ...['a=rtpmap:96 constructor/1\r\n', '99999999999', '-1', '\u0000'],
  );

  it('are descriptions with facts in bounds, or none', () => {
    fc.assert(
      fc.property(sdp, (bytes) => {
        const description = parseDescription(bytes.toString('utf8'));
        if (!description) return;
        const video = videoOf(description);
        const facts = video ? videoFactsOf(video) : null;
        if (facts) expect(Math.max(facts.width, facts.height)).toBeLessThanOrEqual(16_384);
        const audio = audioOf(description);
        if (audio) describeAudio(audio);
        for (const { control, fps } of description.media) {
          expect(fps ?? 1).toBeGreaterThan(0);
          const requestUri = 'rtsp://camera:554/x';
          const uris = trackUris({ control, contentBase: null, requestUri });
          const all = [
            ...uris,
            ...sessionUris({ control, contentBase: null, requestUri, trackUri: requestUri }),
          ];
          // Each becomes a request line.
          for (const uri of all) expect(uri).not.toMatch(/\s/);
        }
      }),
      limits,
    );
  });

  it.each([
    'm=video 0 RTP/AVP',
    ' 9',
    'm=video 0 RTP/AVP 96\n',
    'a=fmtp:96 ;=',
    '\r',
    'm=\t',
    'a=rtpmap:96 a/',
    'm=a b c 1 ',
  ])('are descriptions that are read in time: 64 KiB of %j', (unit) => {
    const text = `m=video 0 RTP/AVP 96\r\n${unit.repeat(65_536 / unit.length)}`;
    expect(timeMs(() => parseDescription(text))).toBeLessThan(readMaxMs);
  });

  it('are parameter sets with a size in bounds, or none', () => {
    const sets = near(
      [0x67, 66, 0, 30],
      [0x67, 100, 0, 30],
      [0x42, 1, 1],
      [0],
      [0, 0, 3],
      [0xff],
      [0xac, 0xd9],
      [0, 0, 0, 0],
    );
    fc.assert(
      fc.property(sets, (bytes) => {
        for (const facts of [h264StreamFacts(bytes), h265StreamFacts(bytes)]) {
          if (!facts) continue;
          expect(facts.width).toBeGreaterThan(0);
          expect(Math.max(facts.width, facts.height)).toBeLessThanOrEqual(16_384);
        }
      }),
      limits,
    );
    for (const byte of [0, 3, 0x55, 0xaa, 0xff]) {
      const set = Buffer.alloc(65_536, byte);
      const run = () => {
        h264StreamFacts(Buffer.concat([Buffer.of(0x67, 100), set]));
        h265StreamFacts(Buffer.concat([Buffer.of(0x42, 1), set]));
      };
      expect(timeMs(run)).toBeLessThan(readMaxMs);
    }
  });

  it('are packets that are observed within their bounds', () => {
    const packet = near(
      ...[
        [0x80, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3],
        [0x9f, 96],
        [0xb0, 96],
        [24, 0, 4],
        [28, 0x85],
        [48, 1],
        [49, 1, 0x93],
      ],
      ...[
        [6, 6, 255, 255, 255],
        [6, 255],
        [65],
        [0, 0, 1, 0xb6],
        [0xff],
        [0],
        [0x78, 0, 1],
        [0x80, 203, 0, 0],
        [0x80, 200, 0, 6],
      ],
    );
    const packets = fc.array(packet, { maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom('h264', 'h265', 'mjpeg', 'mpeg4', 'other'), packets, (codec, all) => {
        const observer = createVideoObserver(codec);
        for (const [index, bytes] of all.entries()) {
          // Inside a larger buffer, as they arrive.
          const data = Buffer.concat([Buffer.alloc(7, 0xaa), bytes, Buffer.alloc(3, 0xbb)]);
          parseRtcp(data, 7, 7 + bytes.length);
          const rtp = parseRtp(data, 7, 7 + bytes.length);
          if (!rtp) continue;
          expect(rtp.payloadStart).toBeGreaterThanOrEqual(19);
          expect(rtp.payloadEnd).toBeLessThanOrEqual(7 + bytes.length);
          observer.observe(data, rtp, index * 40);
        }
        for (const set of observer.parameterSets()) expect(set.length).toBeLessThanOrEqual(1024);
      }),
      limits,
    );
  });
});
