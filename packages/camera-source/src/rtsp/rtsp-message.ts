export type RtspHeaders = ReadonlyMap<string, readonly string[]>;

export type RtspAnswer = {
  status: number;
  /** Values by header name, in lower case. */
  headers: RtspHeaders;
  body: string;
  /** What FFmpeg's client does not accept about the form of the answer; null if nothing. */
  irregularity: string | null;
};

export type RtspRequest = { method: string; uri: string; headers: RtspHeaders };

/** The received bytes are not a valid message; the message is a sentence for people. */
export class RtspProtocolError extends Error {
  readonly kind: 'InvalidData' | 'Ended';

  constructor(kind: 'InvalidData' | 'Ended', message: string) {
    super(message);
    this.name = 'RtspProtocolError';
    this.kind = kind;
  }
}

/** A camera's answer has one to three KiB. */
export const messageMaxBytes = 65_536;

export type MessageHead =
  | { kind: 'answer'; status: number; headers: RtspHeaders; length: number; contentLength: number | null }
  | {
      kind: 'request';
      method: string;
      uri: string;
      headers: RtspHeaders;
      length: number;
      contentLength: number;
    };

/**
 * Parses the head of a message (RFC 2326, sections 6 and 7) at the start of `text`, which is Latin-1, so that `length`
 * counts bytes. Lines may end in LF alone. `incomplete`: more bytes are needed. `none`: this cannot become a message.
 */
export function parseHead(text: string): MessageHead | 'incomplete' | 'none' {
  if (!mayBegin(text)) return 'none';
  const end = /\r?\n\r?\n/.exec(text);
  if (!end) {
    if (text.length <= messageMaxBytes) return 'incomplete';
    // Not garbage: to find the next message in it, each line would be read as a head again.
    throw new RtspProtocolError('InvalidData', 'The camera sent a message with more than 64 KiB of headers.');
  }
  const [startLine = '', ...lines] = text.slice(0, end.index).split(/\r?\n/);
  const headers = parseHeaders(lines);
  const length = end.index + end[0].length;
  if (/^RTSP\//i.test(startLine)) {
    const status = /^RTSP\/\d\.\d +(\d{3})\b/i.exec(startLine)?.[1];
    if (status === undefined) {
      throw new RtspProtocolError('InvalidData', 'The camera answered with a status line that is not RTSP.');
    }
    return {
      kind: 'answer',
      status: Number(status),
      headers,
      length,
      contentLength: contentLengthOf(headers),
    };
  }
  const request = /^([A-Z_]{3,20}) +(\S+) +RTSP\/\d/i.exec(startLine);
  if (!request) return 'none';
  return {
    kind: 'request',
    method: (request[1] ?? '').toUpperCase(),
    uri: request[2] ?? '',
    headers,
    length,
    contentLength: contentLengthOf(headers) ?? 0,
  };
}

/** Longer than the URI of any camera. */
export const startLineMaxBytes = 2048;

/** Whether the text can still become a message: its start line is checked as soon as it is complete, or too long. */
export function mayBegin(text: string): boolean {
  const prefix = 'RTSP/';
  const start = text.slice(0, prefix.length).toUpperCase();
  const line = /^[^\r\n]*/.exec(text.slice(0, startLineMaxBytes))?.[0] ?? '';
  if (line.length === startLineMaxBytes) return false;
  if (start === prefix.slice(0, start.length)) return true;
  if (line.length === text.length) return /^[A-Z_]{1,20}(?: [\x20-\x7e]*)?$/i.test(line);
  return /^[A-Z_]{3,20} +\S+ +RTSP\/\d/i.test(line);
}

function parseHeaders(lines: readonly string[]): RtspHeaders {
  const headers = new Map<string, string[]>();
  let last: string[] | undefined;
  for (const line of lines) {
    const continued = /^[ \t]+(.*)$/.exec(line)?.[1];
    if (continued !== undefined && last) {
      last.push(`${last.pop() ?? ''} ${continued.trim()}`);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    last = headers.get(name) ?? [];
    last.push(decodeUtf8(line.slice(colon + 1).trim()));
    headers.set(name, last);
  }
  return headers;
}

/** Realms are UTF-8 (RFC 7616, 4) where they are not ASCII. */
function decodeUtf8(latin1: string): string {
  const text = Buffer.from(latin1, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? latin1 : text;
}

/** Null without the header. */
function contentLengthOf(headers: RtspHeaders): number | null {
  const text = headers.get('content-length')?.[0];
  if (text === undefined) return null;
  const length = Number(text);
  if (!Number.isInteger(length) || length < 0 || length > messageMaxBytes) {
    throw new RtspProtocolError('InvalidData', 'The camera announced an answer of a length it cannot have.');
  }
  return length;
}

export function formatRequest(
  method: string,
  uri: string,
  headers: Readonly<Record<string, string | undefined>>,
): string {
  const lines = Object.entries(headers)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}`);
  return [`${method} ${uri} RTSP/1.0`, ...lines, '', ''].join('\r\n');
}

export function formatAnswer(
  status: number,
  reason: string,
  headers: Readonly<Record<string, string | undefined>>,
  body = '',
): string {
  const length = body === '' ? undefined : String(Buffer.byteLength(body));
  const lines = Object.entries({ ...headers, 'Content-Length': length })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}`);
  return [`RTSP/1.0 ${status} ${reason}`, ...lines, '', body].join('\r\n');
}
