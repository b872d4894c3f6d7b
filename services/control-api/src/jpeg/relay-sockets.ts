import { WebSocket } from 'ws';

/** Unsent messages of a viewer; stream-proxy ends a viewer that sends as much. */
const backlogMaxBytes = 256 * 1024;

/**
 * Passes messages, pings and pongs between a viewer and stream-proxy, and the end of either. stream-proxy sends no
 * further picture until the pong of the viewer says that an earlier one was read, so nothing piles up here.
 *
 * @param upstream open and paused
 */
export function relaySockets(viewer: WebSocket, upstream: WebSocket): void {
  const isOpen = (socket: WebSocket): boolean => socket.readyState === WebSocket.OPEN;
  upstream.on('message', (data, isBinary) => {
    if (isOpen(viewer)) viewer.send(data, { binary: isBinary });
  });
  upstream.on('ping', (data) => {
    if (isOpen(viewer)) viewer.ping(data);
  });
  upstream.on('pong', (data) => {
    if (isOpen(viewer)) viewer.pong(data);
  });
  viewer.on('message', (data, isBinary) => {
    if (!isOpen(upstream)) return;
    if (upstream.bufferedAmount > backlogMaxBytes) return viewer.terminate();
    upstream.send(data, { binary: isBinary });
  });
  viewer.on('ping', (data) => {
    if (isOpen(upstream)) upstream.ping(data);
  });
  viewer.on('pong', (data) => {
    if (isOpen(upstream)) upstream.pong(data);
  });
  upstream.on('close', (code, reason) => {
    // 1005 and 1006 report that no code was received; they cannot be sent (RFC 6455, section 7.4.1).
    const isSendable = code !== 1005 && code !== 1006;
    closeSocket(
      viewer,
      isSendable ? code : 1013,
      isSendable ? reason.toString() : 'stream-proxy disconnected',
    );
  });
  viewer.on('close', () => upstream.terminate());
  upstream.resume();
}

/** A peer that does not read does not read the close frame either. */
export function closeSocket(socket: WebSocket, code: number, reason: string): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  socket.close(code, reason);
  setTimeout(() => socket.terminate(), closeGraceMs).unref();
}

const closeGraceMs = 1000;
