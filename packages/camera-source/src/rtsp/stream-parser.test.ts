import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createStreamParser } from './stream-parser.ts';

/** What the parser reports, as text. */
function parse(
  chunks: readonly Buffer[],
  options: { expectBody?: boolean; endBody?: boolean } = {},
): string[] {
  const events: string[] = [];
  let garbage = 0;
  const parser = createStreamParser({
    onFrame: (channel, data, start, end) =>
      events.push(`frame ${channel} ${data.toString('hex', start + 4, end)}`),
    onAnswer: ({ status, body, irregularity }) => events.push(`answer ${status} ${body} ${irregularity}`),
    onRequest: ({ method, headers }) => events.push(`request ${method} ${headers.get('cseq')?.[0]}`),
    onGarbage: (data) => {
      garbage += data.length;
    },
  });
  parser.expectBody(options.expectBody === true);
  for (const chunk of chunks) parser.push(Buffer.from(chunk));
  if (options.endBody === true) parser.endBody();
  if (garbage > 0) events.push(`garbage ${garbage}`);
  return events;
}

function frame(channel: number, payload: readonly number[]): Buffer {
  const rtp = Buffer.from([0x80, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, ...payload]);
  const head = Buffer.from([0x24, channel, 0, 0]);
  head.writeUInt16BE(rtp.length, 2);
  return Buffer.concat([head, rtp]);
}

const answer = Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 3\r\n\r\n$$$');
const request = Buffer.from('OPTIONS * RTSP/1.0\r\nCSeq: 9\r\n\r\n');

describe('createStreamParser', () => {
  it('separates frames, answers and requests', () => {
    const bytes = Buffer.concat([frame(0, [1]), answer, frame(1, [2]), request, frame(0, [3])]);
    expect(parse([bytes]).map((event) => event.slice(0, 12))).toEqual([
      'frame 0 8060',
      'answer 200 $',
      'frame 1 8060',
      'request OPTI',
      'frame 0 8060',
    ]);
  });

  it('reports the same for any packetisation', () => {
    const payload = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 40 });
    const item = fc.oneof(
      payload.map((bytes) => frame(0, bytes)),
      payload.map((bytes) => frame(3, bytes)),
      fc.constantFrom(answer, request, Buffer.from('\r\n')),
    );
    fc.assert(
      fc.property(fc.array(item, { maxLength: 12 }), fc.array(fc.nat(60)), (items, cuts) => {
        const whole = Buffer.concat(items);
        const chunks: Buffer[] = [];
        let at = 0;
        for (const length of [...cuts, whole.length]) {
          if (length > 0) chunks.push(whole.subarray(at, at + length));
          at += length;
        }
        expect(parse(chunks)).toEqual(parse([whole]));
      }),
    );
  });

  it('finds the next frame after garbage', () => {
    const garbage = Buffer.from('\u0000abc$\u0001\u0000', 'latin1');
    const events = parse([frame(0, [1]), garbage, frame(0, [2]), garbage, frame(0, [3])]);
    expect(events.filter((event) => event.startsWith('frame'))).toHaveLength(3);
  });

  it('never throws for random bytes between frames, and returns to the frames', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const noise = Buffer.from(bytes.filter((byte) => byte !== 0x24 && byte !== 0x52));
        // Letters can look like the start of a request until the line ends.
        const events = parse([frame(0, [1]), noise, Buffer.from('\n'), ...Array(3).fill(frame(0, [7, 7]))]);
        expect(events.some((event) => event.endsWith('0707'))).toBe(true);
      }),
    );
  });

  it.each([
    [
      'without Content-Length',
      'RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\nv=0\r\nm=x\r\n',
      /v=0\r\nm=x\r\n a description of unknown/,
    ],
    [
      'with one that is too large',
      'RTSP/1.0 200 OK\r\nContent-Length: 90\r\n\r\nv=0\r\n',
      /v=0\r\n a description of unknown/,
    ],
    [
      'with one that is too small',
      'RTSP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nv=0\r\nm=x\r\n',
      /v=0\r\nm=x\r\n a description longer/,
    ],
    ['with line feeds alone', 'rtsp/1.0 200 OK\ncontent-length: 4\n\nv=0\n', /200 v=0\n null/],
    [
      'after a blank line',
      '\r\nRTSP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nv=0\n',
      /v=0\n a blank line before/,
    ],
  ])('reads a description %s', (_name, text, expected) => {
    const events = parse([Buffer.from(text)], { expectBody: true, endBody: true });
    expect(events).toEqual([expect.stringMatching(expected)]);
  });
});
