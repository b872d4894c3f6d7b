import { operationUrl } from '@camplane/api-client/operation-url';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** Sends the handshake of a WebSocket by hand and waits for its acceptance, for clients that break the protocol after it. */
export async function openRawViewer(url: string, cookie: string): Promise<Socket> {
  const { hostname, port, pathname, search } = new URL(url);
  const socket = connect(Number(port), hostname);
  // The server may reset the connection.
  socket.on('error', () => {});
  socket.write(
    `GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nCookie: ${cookie}\r\n` +
      'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  if (!answer.toString('latin1').startsWith('HTTP/1.1 101')) throw new Error(answer.toString('latin1'));
  return socket;
}

/** Frames that a server has to refuse (RFC 6455, sections 5.1, 5.2 and 5.5). */
export const brokenFrames: Readonly<Record<string, Buffer>> = {
  'a frame of 2^62 bytes': Buffer.from('82ff4000000000000000aabbccdd', 'hex'),
  'a frame without a mask': Buffer.from('81027b7d', 'hex'),
  'a reserved opcode': Buffer.from('838000000000', 'hex'),
  'a fragmented ping': Buffer.from('098000000000', 'hex'),
  'a ping of 126 bytes': Buffer.concat([Buffer.from('89fe007e00000000', 'hex'), Buffer.alloc(126)]),
  'text that is not UTF-8': Buffer.from('818200000000c328', 'hex'),
};

/** Sends the headers of a request, one byte every 200 ms, until the server ends the connection. @returns after how many ms */
export async function sendSlowHeaders(baseUrl: string): Promise<number> {
  const { hostname, port, pathname } = new URL(operationUrl(baseUrl, 'followCameras'));
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {}).resume();
  const startedMs = performance.now();
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nX-Slow: `);
  const dripping = setInterval(() => socket.write('x'), 200);
  await once(socket, 'close');
  clearInterval(dripping);
  return performance.now() - startedMs;
}
