import { messageMaxBytes, RtspProtocolError } from './rtsp-message.ts';
import type { RtspAnswer } from './rtsp-message.ts';

/** Reads the bodies of answers, also those whose end is not stated, or stated wrongly. */
export type AnswerBody = {
  /** Whether the next answer has a body, even if its `Content-Length` says otherwise. */
  expect(isExpected: boolean): void;
  /** Whether an answer has arrived whose end is not known. */
  readonly isOpen: boolean;
  /** Starts with the bytes after a head; returns how many of them belong to it. */
  start(answer: RtspAnswer, contentLength: number | null, rest: Buffer): number | 'incomplete';
  /** Adds to an open body; returns what is left of the bytes. */
  extend(bytes: Buffer): Buffer;
  /** Ends an open body, since nothing follows. */
  end(): void;
};

export function createAnswerBody(onAnswer: (answer: RtspAnswer) => void): AnswerBody {
  let isExpected = false;
  let open: { answer: RtspAnswer; bytes: Buffer; length: number | null } | undefined;

  function extend(bytes: Buffer): Buffer {
    if (!open) return bytes;
    const { length } = open;
    const taken = length === null ? bytes.length : Math.min(length - open.bytes.length, bytes.length);
    open.bytes = Buffer.concat([open.bytes, bytes.subarray(0, taken)]);
    if (open.bytes.length > messageMaxBytes) {
      throw new RtspProtocolError('InvalidData', 'The camera answered with more than 64 KiB.');
    }
    if (length !== null && open.bytes.length >= length) end();
    return bytes.subarray(taken);
  }

  function end(): void {
    if (!open) return;
    const { answer, bytes, length } = open;
    open = undefined;
    isExpected = false;
    const isWhole = length !== null && bytes.length >= length;
    const irregularity = isWhole ? answer.irregularity : 'a description of unknown length';
    onAnswer({ ...answer, body: bytes.toString('utf8'), irregularity });
  }

  return {
    expect: (next) => {
      isExpected = next;
    },
    get isOpen() {
      return open !== undefined;
    },
    start: (answer, contentLength, rest) => {
      const stated = contentLength ?? 0;
      const isUnknown = isExpected && answer.status === 200 && stated === 0;
      if (isUnknown || (isExpected && rest.length < stated)) {
        open = { answer, bytes: Buffer.alloc(0), length: isUnknown ? null : stated };
        return rest.length - extend(rest).length;
      }
      if (rest.length < stated) return 'incomplete';
      // A length that is too small leaves lines of the description behind.
      const isShort = isExpected && stated > 0 && startsWithLine(rest.subarray(stated));
      isExpected = false;
      const length = isShort ? rest.length : stated;
      const irregularity = isShort ? 'a description longer than it states' : answer.irregularity;
      onAnswer({ ...answer, body: rest.toString('utf8', 0, length), irregularity });
      return length;
    },
    extend,
    end,
  };
}

/** Not the start of another message. */
function startsWithLine(bytes: Buffer): boolean {
  const text = bytes.toString('latin1', 0, 64);
  return text.trim() !== '' && !/^\s*(\$|RTSP\/|[A-Z_]+ )/.test(text);
}
