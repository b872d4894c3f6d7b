import type { JpegQuality } from '@camplane/contracts/jpeg-stream';
import { WebSocket } from 'ws';
import { parseInfoMessage } from './info-message.ts';

/** Unsent messages of a viewer; stream-proxy disconnects a viewer that sends this much. */
const backlogMaxBytes = 256 * 1024;

/** How a viewer continues after its replica of stream-proxy is lost. */
export type Continuation = {
  /** Opens a paused connection. @param quality the viewer's latest one, if it is known */
  connect(quality: JpegQuality | undefined, signal: AbortSignal): Promise<WebSocket>;
  /** Ends the viewer with the error of `connect`. */
  refuse(error: unknown): void;
};

/**
 * Passes messages, pings and pongs between a viewer and stream-proxy, and the end of either. stream-proxy sends no
 * further picture until the pong of the viewer says that an earlier one was read, so nothing piles up here. If the
 * replica is lost, the viewer continues at another one without a new handshake.
 *
 * @param first open and paused
 */
export function relaySockets(viewer: WebSocket, first: WebSocket, continuation: Continuation): void {
  const isOpen = (socket: WebSocket): boolean => socket.readyState === WebSocket.OPEN;
  const gone = new AbortController();
  let upstream = first;
  let connections = 0;
  let quality: JpegQuality | undefined;

  function attach(socket: WebSocket): void {
    upstream = socket;
    // A pong that answers a ping of an earlier connection must not acknowledge pictures of this one.
    const prefix = `${(connections += 1)}:`;
    socket.on('message', (data, isBinary) => {
      if (!isBinary) quality = parseInfoMessage(data)?.quality ?? quality;
      if (isOpen(viewer)) viewer.send(data, { binary: isBinary });
    });
    socket.on('ping', (data) => {
      if (isOpen(viewer)) viewer.ping(prefix + data.toString());
    });
    socket.on('pong', (data) => {
      if (isOpen(viewer)) viewer.pong(data);
    });
    socket.on('close', (code, reason) => {
      if (!isOpen(viewer)) return;
      if (isLostReplica(code)) void continueElsewhere();
      else closeSocket(viewer, isSendable(code) ? code : 1013, reason.toString());
    });
    socket.resume();
  }

  async function continueElsewhere(): Promise<void> {
    // Messages from the viewer wait until the new connection is open.
    viewer.pause();
    try {
      const socket = await continuation.connect(quality, gone.signal);
      if (isOpen(viewer)) attach(socket);
      else socket.terminate();
    } catch (error) {
      continuation.refuse(error);
    }
    viewer.resume();
  }

  viewer.on('message', (data, isBinary) => {
    if (!isOpen(upstream)) return;
    if (upstream.bufferedAmount > backlogMaxBytes) return viewer.terminate();
    upstream.send(data, { binary: isBinary });
  });
  viewer.on('ping', (data) => {
    if (isOpen(upstream)) upstream.ping(data);
  });
  viewer.on('pong', (data) => {
    const [, connection, text = ''] = /^(\d+):(.*)$/.exec(data.toString()) ?? [];
    if (Number(connection) === connections && isOpen(upstream)) upstream.pong(text);
  });
  viewer.on('close', () => {
    gone.abort();
    upstream.terminate();
  });
  attach(first);
}

/** Codes of a replica that stops, and of one that is lost (RFC 6455, section 7.4.1). Others concern the viewer. */
export function isLostReplica(code: number): boolean {
  return code === 1001 || code === 1006;
}

/** 1005 reports that no code was received; it cannot be sent (RFC 6455, section 7.4.1). */
function isSendable(code: number): boolean {
  return code !== 1005;
}

/** A peer that does not read does not read the close frame either. */
export function closeSocket(socket: WebSocket, code: number, reason: string): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  socket.close(code, reason);
  setTimeout(() => socket.terminate(), closeGraceMs).unref();
}

const closeGraceMs = 1000;
