import { connect } from 'node:net';

/** ApiVersions, version 0 (protocol guide): key 18, version 0, correlation id 1, no client id. */
const apiVersionsRequest = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff]);

/** Whether a broker responds at a loopback port. Sends a request, because the port is open before the broker serves. */
export function isResponding(port: number, timeoutMs = 1000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(apiVersionsRequest));
    const settle = (isUp: boolean) => {
      socket.destroy();
      resolve(isUp);
    };
    socket.setTimeout(timeoutMs, () => settle(false));
    socket.on('data', () => settle(true));
    socket.on('error', () => settle(false));
    socket.on('close', () => resolve(false));
  });
}
