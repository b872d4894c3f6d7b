import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { raceAbort } from '@camplane/runtime/abort';
import { RunFailure } from '@camplane/supervisor/run-failure';
import { laxTlsFor, socketHost } from '../lax-tls.ts';
import { plainAddress } from '../network/camera-networks.ts';
import type { CameraResolver } from '../network/camera-resolver.ts';
import { formatAnswer, formatRequest, RtspProtocolError } from './rtsp-message.ts';
import type { RtspAnswer, RtspRequest } from './rtsp-message.ts';
import { createStreamParser } from './stream-parser.ts';
import type { StreamEvents } from './stream-parser.ts';

export type FrameReceiver = Pick<StreamEvents, 'onFrame'> & {
  /** All frames of one read have been delivered. */
  onReadEnd(): void;
};

export type RtspConnection = {
  /** Null for plain TCP. */
  readonly security: TlsFacts | null;
  /** The IP address of the camera. */
  readonly address: string;
  readonly isClosed: boolean;
  /** Resolves with the reason, once the connection is closed by either side. */
  readonly closed: Promise<Error>;
  /** Sends a request and waits for its answer; throws RtspProtocolError, or the socket's or signal's error. */
  ask(
    request: { method: string; uri: string; headers: Readonly<Record<string, string | undefined>> },
    signal: AbortSignal,
  ): Promise<RtspAnswer>;
  /** Frames that arrive without a receiver are dropped. */
  receive(receiver: FrameReceiver): void;
  /** Called for requests of the camera, which are all answered with 200. */
  onRequest(listener: (request: RtspRequest) => void): void;
  close(): void;
};

/** What was negotiated with a camera. */
export type TlsFacts = {
  protocol: string;
  cipher: string;
  /** Bits of its RSA key and of the Diffie-Hellman group; null for others. */
  rsaBits: number | null;
  dhBits: number | null;
};

/** A slow camera accepts a connection at once, and answers late. */
const connectMaxMs = 6000;
/** After so long without a byte, a description of unknown length is complete. */
const bodyIdleMs = 400;

/** Connects over TCP or TLS. The signal ends the attempt, not the connection. */
export async function connectRtsp(options: {
  host: string;
  port: number;
  secure: boolean;
  resolver: CameraResolver;
  signal: AbortSignal;
}): Promise<RtspConnection> {
  const { signal } = options;
  signal.throwIfAborted();
  const connecting = AbortSignal.any([signal, AbortSignal.timeout(connectMaxMs)]);
  try {
    return await connectSocket(options, connecting);
  } catch (error) {
    const isLate = connecting.aborted && !signal.aborted;
    throw isLate ? new RunFailure('TimedOut', 'The camera did not accept the connection.') : error;
  }
}

async function connectSocket(
  { secure, port, ...options }: { host: string; port: number; secure: boolean; resolver: CameraResolver },
  signal: AbortSignal,
): Promise<RtspConnection> {
  const host = socketHost(options.host);
  const { lookup } = await options.resolver.resolve(host, port, signal);
  const target = { host, port, lookup };
  const socket = secure ? connectTls({ ...laxTlsFor(host), ...target }) : connectTcp(target);
  socket.setNoDelay();
  // Errors surface in the waits; one in between must not crash the process.
  socket.on('error', () => undefined);
  try {
    await once(socket, secure ? 'secureConnect' : 'connect', { signal });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return createConnection(socket);
}

type Pending = {
  sequence: number;
  expectsBody: boolean;
  resolve(answer: RtspAnswer): void;
  reject(error: Error): void;
};

function createConnection(socket: Socket): RtspConnection {
  const security = socket instanceof TLSSocket ? tlsFacts(socket) : null;
  const address = plainAddress(socket.remoteAddress ?? '');
  const { promise: closed, resolve: resolveClosed } = Promise.withResolvers<Error>();
  const pending: Pending[] = [];
  /** Requests whose answers are no longer awaited. */
  const abandoned = new Set<number>();
  let sequence = 0;
  let isClosed = false;
  let wasAnswered = false;
  let receiver: FrameReceiver | undefined;
  let listener: (request: RtspRequest) => void = () => undefined;
  let bodyTimer: NodeJS.Timeout | undefined;

  const parser = createStreamParser({
    onFrame: (channel, data, start, end) => receiver?.onFrame(channel, data, start, end),
    onAnswer,
    onRequest: (request) => {
      socket.write(formatAnswer(200, 'OK', { CSeq: request.headers.get('cseq')?.[0] }));
      listener(request);
    },
    onGarbage: (data) => {
      // Later, garbage is skipped.
      if (!wasAnswered) throw notRtsp(data);
    },
  });

  socket
    .on('data', (chunk: Buffer) => {
      try {
        parser.push(chunk);
        receiver?.onReadEnd();
      } catch (error) {
        return end(error instanceof Error ? error : new Error(String(error)));
      }
      clearTimeout(bodyTimer);
      if (parser.hasOpenBody()) bodyTimer = setTimeout(() => parser.endBody(), bodyIdleMs);
    })
    .on('error', (error) => end(error))
    .on('close', () => end(new RtspProtocolError('Ended', 'The camera closed the connection.')))
    .on('end', () => {
      if (parser.hasOpenBody()) parser.endBody();
      end(new RtspProtocolError('Ended', 'The camera closed the connection.'));
    });

  function onAnswer(answer: RtspAnswer): void {
    wasAnswered = true;
    if (answer.status < 200) return;
    // Some cameras omit CSeq or send another.
    const number = Number(answer.headers.get('cseq')?.[0] ?? NaN);
    const found = pending.findIndex((request) => request.sequence === number);
    if (found < 0 && abandoned.delete(number)) return;
    const [request] = pending.splice(Math.max(found, 0), 1);
    parser.expectBody(pending[0]?.expectsBody === true);
    request?.resolve(answer);
  }

  function end(reason: Error): void {
    if (isClosed) return;
    isClosed = true;
    clearTimeout(bodyTimer);
    socket.destroy();
    for (const request of pending.splice(0)) request.reject(reason);
    resolveClosed(reason);
  }

  return {
    security,
    address,
    get isClosed() {
      return isClosed;
    },
    closed,
    ask: async ({ method, uri, headers }, signal) => {
      signal.throwIfAborted();
      if (isClosed) throw await closed;
      const { promise, resolve, reject } = Promise.withResolvers<RtspAnswer>();
      sequence += 1;
      const request = { sequence, expectsBody: method === 'DESCRIBE', resolve, reject };
      pending.push(request);
      if (pending.length === 1) parser.expectBody(request.expectsBody);
      socket.write(
        formatRequest(method, uri, { CSeq: String(sequence), 'User-Agent': 'Camplane', ...headers }),
      );
      try {
        return await raceAbort(promise, signal);
      } finally {
        const index = pending.indexOf(request);
        if (index >= 0) {
          pending.splice(index, 1);
          abandoned.add(request.sequence);
        }
      }
    },
    receive: (next) => {
      receiver = next;
    },
    onRequest: (next) => {
      listener = next;
    },
    close: () => end(new RtspProtocolError('Ended', 'The connection was closed.')),
  };
}

function notRtsp(data: Buffer): RtspProtocolError {
  const what = data.toString('latin1', 0, 5) === 'HTTP/' ? 'HTTP, not' : 'something that is not';
  return new RtspProtocolError('InvalidData', `The camera answered with ${what} RTSP.`);
}

function tlsFacts(socket: TLSSocket): TlsFacts {
  const key = socket.getEphemeralKeyInfo();
  const isDh = key !== null && 'type' in key && key.type === 'DH';
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().standardName,
    rsaBits:
      socket.getPeerCertificate().modulus === undefined ? null : (socket.getPeerCertificate().bits ?? null),
    dhBits: isDh && 'size' in key && typeof key.size === 'number' ? key.size : null,
  };
}
