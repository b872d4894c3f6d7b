import { jpegServerMessageSchema } from '@camplane/contracts/jpeg-stream';
import type { JpegQuality } from '@camplane/contracts/jpeg-stream';
import type { RawData } from 'ws';
import { WebSocket } from 'ws';

/** Unsent messages of a viewer; stream-proxy ends a viewer that sends as much. */
const backlogMaxBytes = 256 * 1024;
/** How a viewer continues after its replica of stream-proxy is lost. */
export type Continuation = {
  /** Opens a paused connection. @param quality the last one of the viewer, if it is known */
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
      if (!isBinary) quality = qualityOf(data) ?? quality;
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
    // What the viewer sends meanwhile waits.
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

/** The quality that stream-proxy reports in an `info` message. */
function qualityOf(data: RawData): JpegQuality | undefined {
  try {
    const message = jpegServerMessageSchema.parse(JSON.parse((data as Buffer).toString('utf8')));
    return message.type === 'info' ? message.quality : undefined;
  } catch {
    return undefined;
  }
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
