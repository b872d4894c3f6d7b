import { connect } from 'node:net';

/** ApiVersions, version 0 (protocol guide): key 18, version 0, correlation id 1, no client id. */
const apiVersionsRequest = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff]);

/** Whether a broker answers at a port of loopback. Its port is open before it serves, so it is asked something. */
export function answers(port: number, timeoutMs = 1000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(apiVersionsRequest));
    const settle = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(timeoutMs, () => settle(false));
    socket.on('data', () => settle(true));
    socket.on('error', () => settle(false));
    socket.on('close', () => resolve(false));
  });
}
