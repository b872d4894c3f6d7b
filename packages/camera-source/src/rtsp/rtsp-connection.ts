import { on, once } from 'node:events';
import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export type RtspAnswer = {
  status: number;
  /** Values by header name, in lower case. */
  headers: ReadonlyMap<string, readonly string[]>;
  body: string;
};

export type RtspConnection = {
  /** Sends a request and waits for its response; throws RtspProtocolError, or the socket's or signal's error. */
  ask(request: string): Promise<RtspAnswer>;
  close(): void;
};

/** The received bytes are not a valid response; the message is a sentence for people. */
export class RtspProtocolError extends Error {
  readonly kind: 'InvalidData' | 'Ended';

  constructor(kind: 'InvalidData' | 'Ended', message: string) {
    super(message);
    this.name = 'RtspProtocolError';
    this.kind = kind;
  }
}

/** A camera response has one to three KiB. */
const answerMaxBytes = 65_536;

/** A slow camera accepts a connection at once, and answers late. */
const connectMaxMs = 6000;

/** Connects over TCP or TLS; the signal closes the connection at any time. */
export async function connectRtsp(options: {
  host: string;
  port: number;
  secure: boolean;
  signal: AbortSignal;
}): Promise<RtspConnection> {
  const { port, secure, signal } = options;
  signal.throwIfAborted();
  const host = options.host.replace(/^\[(.*)\]$/, '$1');
  const socket = secure
    ? connectTls({
        host,
        port,
        // Cameras use self-signed certificates, and FFmpeg, which connects next, does not verify them either.
        rejectUnauthorized: false,
        ...(isIP(host) === 0 ? { servername: host } : {}),
      })
    : connectTcp({ host, port });
  // Errors surface in the waits; one in between must not crash the process.
  socket.on('error', () => undefined);
  try {
    const connecting = AbortSignal.any([signal, AbortSignal.timeout(connectMaxMs)]);
    await once(socket, secure ? 'secureConnect' : 'connect', { signal: connecting });
  } catch (error) {
    socket.destroy();
    const isLate = error instanceof Error && error.name === 'AbortError' && !signal.aborted;
    throw isLate ? Object.assign(new Error('connect timed out'), { code: 'ETIMEDOUT' }) : error;
  }
  return {
    ask: (request) => ask(socket, request, signal),
    close: () => socket.destroy(),
  };
}

async function ask(socket: Socket, request: string, signal: AbortSignal): Promise<RtspAnswer> {
  const listening = new AbortController();
  try {
    const listen = { signal: AbortSignal.any([signal, listening.signal]) };
    const answer = firstAnswer(on(socket, 'data', { close: ['end', 'close'], ...listen }));
    socket.write(request);
    return await answer;
  } finally {
    listening.abort();
  }
}

async function firstAnswer(arrivals: AsyncIterable<Buffer[]>): Promise<RtspAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const [chunk = Buffer.alloc(0)] of arrivals) {
    chunks.push(chunk);
    bytes += chunk.length;
    const answer = parseAnswer(Buffer.concat(chunks));
    if (answer) return answer;
    if (bytes > answerMaxBytes) {
      throw new RtspProtocolError('InvalidData', 'The camera answered with more than 64 KiB.');
    }
  }
  throw new RtspProtocolError('Ended', 'The camera closed the connection without an answer.');
}

/** Parses the response at the start of the received bytes (RFC 2326, section 7); undefined while it is incomplete. */
function parseAnswer(received: Buffer): RtspAnswer | undefined {
  const text = received.toString('latin1').replace(/^[\r\n]+/, '');
  const begin = 'RTSP/';
  if (text.slice(0, begin.length) !== begin.slice(0, text.length)) {
    const what = text.startsWith('HTTP/') ? 'HTTP' : 'something that is';
    throw new RtspProtocolError('InvalidData', `The camera answered with ${what}, not RTSP.`);
  }
  const end = /\r?\n\r?\n/.exec(text);
  if (!end) return undefined;
  const [statusLine = '', ...lines] = text.slice(0, end.index).split(/\r?\n/);
  const status = /^RTSP\/\d\.\d +(\d{3})\b/.exec(statusLine)?.[1];
  if (status === undefined) {
    throw new RtspProtocolError('InvalidData', 'The camera answered with a status line that is not RTSP.');
  }
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  const length = Number(headers.get('content-length')?.[0] ?? 0);
  if (!Number.isInteger(length) || length < 0 || length > answerMaxBytes) {
    throw new RtspProtocolError('InvalidData', 'The camera announced an answer of a length it cannot have.');
  }
  const bodyStart = end.index + end[0].length;
  if (text.length < bodyStart + length) return undefined;
  const body = Buffer.from(text.slice(bodyStart, bodyStart + length), 'latin1').toString('utf8');
  return { status: Number(status), headers, body };
}
