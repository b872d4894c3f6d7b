import { jpegClientMessageSchema } from '@camplane/contracts/jpeg-stream';
import type { JpegClientMessage, JpegQuality, JpegServerMessage } from '@camplane/contracts/jpeg-stream';
import { CamplaneError } from '@camplane/contracts/problem';
import type { Clock } from '@camplane/runtime/clock';
import { createMessageLimit } from '@camplane/service-kit/message-limit';
import { parseJsonMessage } from '@camplane/service-kit/parse-json-message';
import { WebSocket } from 'ws';
import type { StreamPool } from '../streams/stream-pool.ts';
import type { StreamMetrics } from '../stream-metrics.ts';
import { createPictureSender } from './picture-sender.ts';
import { openStreamView } from './stream-view.ts';
import type { StreamView } from './stream-view.ts';

const invalidMessagesMax = 3;
const messagesPerSecondMax = 20;
/** Also pongs: more than frames can be received. */
const controlFramesPerSecondMax = 200;
/** A client that has received nothing for this time is disconnected. */
export const stalledMaxMs = 30_000;

/** A client of the WebSocket. */
export type SocketClient = {
  /** To be called at intervals: pings a client without frames, disconnects one that does not answer. */
  checkAlive(): void;
  close(code: number, reason: string): void;
};

/**
 * Opens the stream before the handshake, so that a refusal is an HTTP response.
 *
 * @throws CamplaneError `stream-limit`
 */
export function createSocketClient(
  stream: { cameraId: string; quality: JpegQuality },
  dependencies: {
    pool: StreamPool;
    metrics: StreamMetrics;
    clock: Pick<Clock, 'now'>;
  },
): { accept(socket: WebSocket): SocketClient; cancel(): void } {
  let client: ReturnType<typeof serveClient> | null = null;
  const view = openStreamView(dependencies.pool, stream, {
    onFrame: () => client?.onFrame(),
    onState: () => client?.onState(),
  });
  return {
    accept(socket) {
      client = serveClient(socket, view, dependencies);
      return client;
    },
    cancel: () => view.close(),
  };
}

function serveClient(
  socket: WebSocket,
  view: StreamView,
  { metrics, clock }: { metrics: StreamMetrics; clock: Pick<Clock, 'now'> },
) {
  let pingedMs: number | null = null;
  let invalidMessages = 0;
  let lastInfo = '';
  const messageLimit = createMessageLimit(messagesPerSecondMax);
  const controlLimit = createMessageLimit(controlFramesPerSecondMax);

  const pictures = createPictureSender(socket, view, { metrics, clock });
  const isDrained = (): boolean => socket.bufferedAmount === 0;
  const isOpen = (): boolean => socket.readyState === WebSocket.OPEN;

  function end(reason: string, code: number, text: string): void {
    if (!isOpen()) return;
    metrics.ended.inc({ reason });
    socket.close(code, text);
    // A client that does not read does not read the close frame either.
    setTimeout(() => socket.terminate(), 2000).unref();
  }

  function send(message: JpegServerMessage): void {
    // A client that does not read gets no messages beyond its frames; `info` is repeated once it reads again.
    if (isOpen() && (isDrained() || message.type === 'error')) socket.send(JSON.stringify(message));
  }

  function sendInfo(isRequested: boolean): void {
    const frame = view.latest();
    const picture = frame && { width: frame.width, height: frame.height };
    const info: JpegServerMessage = { type: 'info', quality: view.quality(), ...view.state(), picture };
    const text = JSON.stringify(info);
    if (text === lastInfo && !isRequested) return;
    // With a pong it is sent again.
    lastInfo = isDrained() ? text : '';
    send(info);
  }

  function refuse(code: string, message: string): void {
    send({ type: 'error', code, message });
    if (code !== 'invalid-message') return;
    if (++invalidMessages >= invalidMessagesMax) end('invalid-messages', 1008, 'three invalid messages');
  }

  function apply(message: JpegClientMessage): void {
    switch (message.type) {
      case 'ping':
        return send({ type: 'pong' });
      case 'info':
        return sendInfo(true);
      case 'auth':
        return refuse('invalid-message', 'This connection is authenticated already');
      case 'quality':
        try {
          view.change(message.quality);
        } catch (error) {
          if (!(error instanceof CamplaneError)) throw error;
          refuse(error.kind, error.message);
        }
        return sendInfo(true);
    }
  }

  const isWithin = (limit: typeof messageLimit): boolean => {
    if (limit.count(clock.now())) return true;
    end('too-many-messages', 1008, 'too many messages');
    return false;
  };

  socket.on('pong', (data) => {
    if (!isWithin(controlLimit)) return;
    pingedMs = null;
    sendInfo(false);
    pictures.received(Number(data.toString()));
  });
  socket.on('ping', (data) => {
    if (isWithin(messageLimit) && isOpen() && isDrained()) socket.pong(data);
  });
  socket.on('message', (data, isBinary) => {
    if (!isWithin(messageLimit)) return;
    const parsed = parseJsonMessage(jpegClientMessageSchema, data, isBinary);
    if (parsed.ok) apply(parsed.message);
    else refuse('invalid-message', parsed.reason);
  });
  socket.on('error', () => {}); // `close` follows.

  const client = {
    onFrame: () => pictures.offer(),
    onState: () => sendInfo(false),
    checkAlive() {
      const sinceMs = pictures.waitingSinceMs() ?? pingedMs;
      if (sinceMs !== null && clock.now() - sinceMs >= stalledMaxMs) {
        // With a code, because control-api continues a connection that is lost at another replica.
        return end('stalled', 1008, 'nothing was received');
      }
      if (sinceMs !== null || !isOpen()) return;
      pingedMs = clock.now();
      socket.ping('alive');
    },
    close: (code: number, reason: string) => socket.close(code, reason),
  };
  sendInfo(true);
  if (view.latest()) client.onFrame();
  return client;
}
