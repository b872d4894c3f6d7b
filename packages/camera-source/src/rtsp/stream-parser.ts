import { createAnswerBody } from './answer-body.ts';
import { mayBegin, messageMaxBytes, parseHead, startLineMaxBytes } from './rtsp-message.ts';
import type { RtspAnswer, RtspRequest } from './rtsp-message.ts';

export type StreamEvents = {
  /**
   * An interleaved frame (RFC 2326, section 10.12), from its `$` at `start` up to `end`, in a buffer that is not reused.
   * The next frame may follow in the same buffer.
   */
  onFrame(channel: number, data: Buffer, start: number, end: number): void;
  onAnswer(answer: RtspAnswer): void;
  onRequest(request: RtspRequest): void;
  /** Bytes that are neither; they are skipped. */
  onGarbage(data: Buffer): void;
};

export type StreamParser = {
  /** Throws RtspProtocolError for a message that makes the rest of the connection unreadable. */
  push(chunk: Buffer): void;
  /** Whether the next answer is expected to have a body, also without a valid `Content-Length`. */
  expectBody(isExpected: boolean): void;
  /** Whether an answer has arrived whose end is not known. */
  hasOpenBody(): boolean;
  /** Delivers the answer whose end is not known, since nothing follows. */
  endBody(): void;
};

const dollar = 0x24;
const headerBytes = 4;

/**
 * Splits what a camera sends over one connection into interleaved frames, answers and requests. It copies only what is
 * split over two chunks. After garbage it resynchronises at the next plausible frame or message.
 */
export function createStreamParser(events: StreamEvents): StreamParser {
  let rest: Buffer = Buffer.alloc(0);
  let isSynchronised = true;
  let sawBlankLine = false;
  const body = createAnswerBody(events.onAnswer);
  const knownChannels = new Set<number>();

  function push(chunk: Buffer): void {
    let next = chunk;
    if (body.isOpen) next = body.extend(next);
    while (rest.length > 0 && next.length > 0) {
      const taken = missingBytes(next.length);
      rest = Buffer.concat([rest, next.subarray(0, taken)]);
      next = next.subarray(taken);
      const used = consume(rest);
      rest = rest.subarray(used);
    }
    if (next.length > 0) rest = next.subarray(consume(next));
  }

  /** How much of a chunk of `available` bytes completes the frame in `rest`; all of it if that is a message. */
  function missingBytes(available: number): number {
    if (rest[0] !== dollar) return available;
    // One byte more than the header, to check the version of the frame.
    const needed = rest.length <= headerBytes ? headerBytes + 1 : headerBytes + rest.readUInt16BE(2);
    return Math.min(Math.max(needed - rest.length, 1), available);
  }

  /** Returns the number of bytes that are done with. */
  function consume(data: Buffer): number {
    let at = 0;
    while (at < data.length) {
      const byte = data[at];
      if (byte === dollar) {
        const length = frameLength(data, at);
        if (length === 'incomplete') return at;
        if (length === 'none') {
          at = skipGarbage(data, at);
          continue;
        }
        isSynchronised = true;
        events.onFrame(data[at + 1] ?? 0, data, at, at + length);
        at += length;
      } else if (byte === 0x0d || byte === 0x0a) {
        sawBlankLine = true;
        at += 1;
      } else {
        const length = readMessage(data, at);
        if (length === 'incomplete') return at;
        at = length === 'none' ? skipGarbage(data, at) : at + length;
      }
    }
    return at;
  }

  function frameLength(data: Buffer, at: number): number | 'incomplete' | 'none' {
    const available = data.length - at;
    if (available < headerBytes) return 'incomplete';
    const length = data.readUInt16BE(at + 2);
    if (available === headerBytes && length > 0) return 'incomplete';
    const isKnown = knownChannels.has(data[at + 1] ?? 0);
    const isRtp = length >= 8 && (data[at + 4] ?? 0) >> 6 === 2;
    if (isSynchronised ? !isKnown && !isRtp : !isRtp || (!isKnown && knownChannels.size > 0)) return 'none';
    if (available < headerBytes + length) return 'incomplete';
    if (isRtp) knownChannels.add(data[at + 1] ?? 0);
    return headerBytes + length;
  }

  function readMessage(data: Buffer, at: number): number | 'incomplete' | 'none' {
    // The whole text is read only behind a plausible start: garbage may contain many.
    if (!mayBegin(data.toString('latin1', at, at + startLineMaxBytes))) return 'none';
    const text = data.toString('latin1', at, at + messageMaxBytes + 1);
    const head = parseHead(text);
    if (head === 'none' || head === 'incomplete') return head;
    const bodyAt = at + head.length;
    if (head.kind === 'request') {
      if (data.length < bodyAt + head.contentLength) return 'incomplete';
      isSynchronised = true;
      events.onRequest({ method: head.method, uri: head.uri, headers: head.headers });
      return head.length + head.contentLength;
    }
    const irregularity = sawBlankLine ? 'a blank line before the status line' : null;
    isSynchronised = true;
    const answer = { status: head.status, headers: head.headers, body: '', irregularity };
    const length = body.start(answer, head.contentLength, data.subarray(bodyAt));
    if (length === 'incomplete') return length;
    sawBlankLine = false;
    return head.length + length;
  }

  /** Returns the next position at which a frame or a message may start. */
  function skipGarbage(data: Buffer, at: number): number {
    isSynchronised = false;
    let next = at + 1;
    while (next < data.length && !mayStart(data, next)) next += 1;
    events.onGarbage(data.subarray(at, next));
    return next;
  }

  return {
    push,
    expectBody: body.expect,
    hasOpenBody: () => body.isOpen,
    endBody: body.end,
  };
}

/** A `$`, `RTSP/`, or the first letters of a request that cameras send. */
function mayStart(data: Buffer, at: number): boolean {
  if (data[at] === dollar) return true;
  const text = data.toString('latin1', at, Math.min(at + 5, data.length));
  return starts.some((start) => start.startsWith(text));
}

const starts = ['RTSP/', 'OPTIO', 'SET_P', 'GET_P', 'ANNOU', 'TEARD', 'REDIR'];
