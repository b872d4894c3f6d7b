import { errorKinds } from '@camplane/contracts/problem';
import type { CamplaneError } from '@camplane/contracts/problem';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** Answers a WebSocket handshake with problem details and closes the connection. */
export function refuseUpgrade(socket: Duplex, error: CamplaneError): void {
  const { status } = errorKinds[error.kind];
  const body = JSON.stringify(error.toProblem());
  socket.on('error', () => {}); // The client may have disconnected.
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n` +
      'Content-Type: application/problem+json\r\n' +
      (status === 401 ? 'WWW-Authenticate: Bearer\r\n' : '') +
      (error.kind === 'method-not-allowed' ? 'Allow: GET\r\n' : '') +
      (error.retryAfterSeconds === null ? '' : `Retry-After: ${error.retryAfterSeconds}\r\n`) +
      `Content-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
