import type { JpegQuality } from '@camplane/contracts/jpeg-stream';
import { livePictureHead } from '@camplane/contracts/live-cameras';
import { operationPath } from '@camplane/contracts/operations';
import { CamplaneError } from '@camplane/contracts/problem';
import { monotonicClock } from '@camplane/runtime/clock';
import type { RawData, WebSocket } from 'ws';
import { connectAgain } from '../jpeg/connect-again.ts';
import { parseInfoMessage } from '../jpeg/info-message.ts';
import type { JpegInfoMessage } from '../jpeg/info-message.ts';
import { queryText } from '../jpeg/jpeg-handlers.ts';
import { isLostReplica } from '../jpeg/relay-sockets.ts';
import type { StreamProxyClient } from '../jpeg/stream-proxy-client.ts';

/** Receives what happens in a stream. `onEnd` is the last call. */
export type LiveListener = {
  onPicture(): void;
  onInfo(): void;
  onEnd(error: CamplaneError): void;
};

/** A client's use of a stream, until `release`. */
export type LiveLease = {
  quality: JpegQuality;
  /** The latest picture in the form that clients receive, which begins with the camera's id. Null before the first. */
  picture(): Buffer | null;
  info(): JpegInfoMessage | null;
  /** Idempotent. */
  release(): void;
};

/**
 * Live JPEG of cameras for all clients of this process: one connection to stream-proxy for each camera and quality.
 * Each picture is acknowledged as soon as it arrives, so that this process always has the latest one. If a replica is
 * lost, the stream continues at another one.
 */
export type LiveStreams = {
  /** Connects for the first client. A refusal is reported to `onEnd`. */
  open(stream: { cameraId: string; quality: JpegQuality }, listener: LiveListener): LiveLease;
  /** To be called at intervals: ends connections that received nothing since the last call, not even a ping. */
  checkAlive(): void;
};

type LiveStream = {
  gone: AbortController;
  socket: WebSocket | null;
  listeners: Set<LiveListener>;
  picture: Buffer | null;
  info: JpegInfoMessage | null;
  hasReceived: boolean;
};

const retryAfterSeconds = 2;

export function createLiveStreams({
  streamProxy,
}: {
  streamProxy: Pick<StreamProxyClient, 'connect'>;
}): LiveStreams {
  const streams = new Map<string, LiveStream>();

  function end(key: string, stream: LiveStream, error: CamplaneError): void {
    if (streams.get(key) === stream) streams.delete(key);
    for (const listener of [...stream.listeners]) listener.onEnd(error);
    stream.listeners.clear();
  }

  function start(key: string, { cameraId, quality }: { cameraId: string; quality: JpegQuality }): LiveStream {
    const gone = new AbortController();
    const stream: LiveStream = {
      ...{ gone, socket: null, picture: null, info: null, hasReceived: true },
      listeners: new Set(),
    };
    const path = `${operationPath('followJpeg', { id: cameraId })}${queryText({ quality })}`;
    const head = Buffer.from(livePictureHead(cameraId));
    const connect = (): Promise<WebSocket> => streamProxy.connect(cameraId, path, gone.signal);
    const fail = (error: unknown): void =>
      end(key, stream, error instanceof CamplaneError ? error : disconnected(error));
    function use(socket: WebSocket): void {
      if (gone.signal.aborted) return socket.terminate();
      Object.assign(stream, { socket, hasReceived: true });
      socket.on('close', (code) => {
        stream.socket = null;
        if (gone.signal.aborted) return;
        if (isLostReplica(code)) connectAgain(connect, gone.signal, monotonicClock).then(use, fail);
        else fail(disconnected());
      });
      receive(socket, stream, head);
    }
    connect().then(use, fail);
    return stream;
  }

  return {
    open(id, listener) {
      const key = `${id.cameraId}/${id.quality}`;
      const stream = streams.get(key) ?? start(key, id);
      streams.set(key, stream);
      stream.listeners.add(listener);
      return {
        quality: id.quality,
        picture: () => stream.picture,
        info: () => stream.info,
        release() {
          if (!stream.listeners.delete(listener) || stream.listeners.size > 0) return;
          if (streams.get(key) === stream) streams.delete(key);
          stream.gone.abort();
          stream.socket?.terminate();
        },
      };
    },
    checkAlive() {
      for (const stream of streams.values()) {
        if (!stream.socket) continue;
        if (!stream.hasReceived) stream.socket.terminate();
        stream.hasReceived = false;
      }
    },
  };
}

function receive(socket: WebSocket, stream: LiveStream, head: Buffer): void {
  socket.on('ping', (data) => {
    stream.hasReceived = true;
    socket.pong(data);
  });
  socket.on('message', (data: RawData, isBinary) => {
    stream.hasReceived = true;
    if (isBinary) {
      stream.picture = Buffer.concat([head, data as Buffer]);
      for (const listener of [...stream.listeners]) listener.onPicture();
      return;
    }
    const message = parseInfoMessage(data);
    if (!message) return;
    stream.info = message;
    // Earlier pictures do not show the current state of the camera.
    if (message.state === 'offline') stream.picture = null;
    for (const listener of [...stream.listeners]) listener.onInfo();
  });
  socket.resume();
}

function disconnected(cause?: unknown): CamplaneError {
  return new CamplaneError('service-unavailable', 'stream-proxy disconnected', { cause, retryAfterSeconds });
}
