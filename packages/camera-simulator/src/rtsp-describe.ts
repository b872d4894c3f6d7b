import { once } from 'node:events';
import { connect } from 'node:net';

const answerTimeoutMs = 2000;

/**
 * The status of an RTSP DESCRIBE (RFC 2326, section 10.2) with basic authentication: 200 once there is a
 * stream. Throws without a response in two seconds.
 */
export async function describeStatus(options: {
  port: number;
  path: string;
  credentials: { username: string; password: string } | null;
}): Promise<number> {
  const { port, path, credentials } = options;
  const signal = AbortSignal.timeout(answerTimeoutMs);
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    const login =
      credentials === null
        ? ''
        : `Authorization: Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}\r\n`;
    socket.write(
      `DESCRIBE rtsp://127.0.0.1:${port}/${path} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n${login}\r\n`,
    );
    const [answer] = (await once(socket, 'data', { signal })) as [Buffer];
    const status = /^RTSP\/1\.0 (\d{3})/.exec(answer.toString('latin1'))?.[1];
    return status === undefined ? 0 : Number(status);
  } finally {
    socket.on('error', () => undefined);
    socket.destroy();
  }
}
