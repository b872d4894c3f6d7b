import { afterEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { anyNetworkPolicy, createCameraResolver } from '../network/camera-resolver.ts';
import { describeRtsp } from './rtsp-describe.ts';
import type { DescribeRtspOptions } from './rtsp-describe.ts';

const description = 'v=0\r\ns=x\r\nm=video 0 RTP/AVP 26\r\n';
const found = `RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Type: application/sdp\r\nContent-Length: ${description.length}\r\n\r\n${description}`;
const login = { username: 'viewer', password: 'canary secret' };

const servers: Server[] = [];
const sockets = new Set<Socket>();

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

/** A server that responds to each request with the result of `answer`; null closes the connection. */
async function listen(answer: (request: string, socket: Socket) => string | Buffer | null): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    socket.on('data', (data) => {
      const text = answer(data.toString('latin1'), socket);
      if (text === null) socket.destroy();
      else socket.write(text);
    });
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

function ask(port: number, options: Partial<DescribeRtspOptions> = {}) {
  return describeRtsp({
    resolver: createCameraResolver(anyNetworkPolicy),
    source: { kind: 'rtsp', secure: false, host: '127.0.0.1', port, path: '/stream1?channel=1' },
    credentials: null,
    timeoutMs: 2000,
    signal: new AbortController().signal,
    ...options,
  });
}

describe('describeRtsp', () => {
  it('requests the whole URL and reads the response for any packetisation', async () => {
    let asked = '';
    const port = await listen((request, socket) => {
      asked = request;
      socket.setNoDelay();
      const bytes = [...found];
      const next = () => {
        const byte = bytes.shift();
        if (byte !== undefined && socket.writable) socket.write(byte, () => setImmediate(next));
      };
      next();
      return '';
    });
    expect(await ask(port)).toEqual({ ok: true, video: { codec: 'mjpeg' }, audio: null });
    expect(asked).toContain(`DESCRIBE rtsp://127.0.0.1:${port}/stream1?channel=1 RTSP/1.0\r\n`);
  });

  it('answers a Basic challenge, and sends no login before one', async () => {
    const requests: string[] = [];
    const port = await listen((request) => {
      requests.push(request);
      return request.includes('Authorization: Basic dmlld2VyOmNhbmFyeSBzZWNyZXQ=')
        ? found
        : 'RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: Basic realm="camera"\r\n\r\n';
    });
    expect(await ask(port, { credentials: login })).toMatchObject({ ok: true });
    expect(requests).toHaveLength(2);
    expect(requests[0]).not.toContain('Authorization');
  });

  it('logs in again with the fresh nonce when the first one was stale', async () => {
    let requests = 0;
    const md5 = (text: string) => createHash('md5').update(text).digest('hex');
    const port = await listen((request) => {
      requests += 1;
      const uri = `rtsp://127.0.0.1:${port}/stream1?channel=1`;
      const secret = md5(`viewer:camera:${login.password}`);
      const expected = md5(`${secret}:fresh:${md5(`DESCRIBE:${uri}`)}`);
      if (request.includes(`response="${expected}"`)) return found;
      const nonce = requests === 1 ? 'old' : 'fresh';
      return `RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm="camera", nonce="${nonce}", stale=${requests > 1}\r\n\r\n`;
    });
    expect(await ask(port, { credentials: login })).toMatchObject({ ok: true });
    expect(requests).toBe(3);
  });

  it('reconnects when the camera closes the connection with its 401', async () => {
    const port = await listen((request, socket) => {
      if (request.includes('Authorization')) return found;
      socket.end('RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: Basic realm="camera"\r\n\r\n');
      return '';
    });
    expect(await ask(port, { credentials: login })).toMatchObject({ ok: true });
  });

  it('sends a wrong password at most twice, so that no account is locked', async () => {
    let requests = 0;
    const port = await listen(() => {
      requests += 1;
      return 'RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm="a", nonce="b"\r\n\r\n';
    });
    const answer = await ask(port, { credentials: login });
    expect(answer).toEqual({
      ok: false,
      kind: 'CredentialsRefused',
      message: 'The camera refused the user or password (401).',
    });
    expect(requests).toBe(2);
  });

  it.each([
    [401, 'CredentialsRefused', /none were given/],
    [403, 'CredentialsRefused', /no user and password were given/],
    [404, 'NotFound', /no stream at this path/],
    [453, 'TooManyConnections', /too many viewers/],
    [500, 'InvalidData', /500/],
    [551, 'InvalidData', /551/],
  ])('reports status %d as %s', async (status, kind, message) => {
    const port = await listen(() => `RTSP/1.0 ${status} Some Reason\r\nCSeq: 1\r\n\r\n`);
    expect(await ask(port)).toEqual({ ok: false, kind, message: expect.stringMatching(message) });
  });

  it('reports an unsupported login scheme', async () => {
    const port = await listen(() => 'RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\n\r\n');
    const answer = await ask(port, { credentials: login });
    expect(answer).toMatchObject({
      kind: 'CredentialsRefused',
      message: expect.stringContaining('not supported'),
    });
  });

  it('follows no redirect, and names the target without its login', async () => {
    let requests = 0;
    const port = await listen(() => {
      requests += 1;
      return 'RTSP/1.0 302 Moved\r\nLocation: rtsp://admin:hunter2@10.0.0.1:8554/secret\r\n\r\n';
    });
    expect(await ask(port)).toEqual({
      ok: false,
      kind: 'Redirected',
      message: 'The camera redirects to 10.0.0.1:8554, which is not followed.',
    });
    expect(requests).toBe(1);
  });

  it.each([
    ['bytes that are not RTSP', Buffer.from([0x15, 3, 1, 0, 2]), 'InvalidData'],
    ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'InvalidData'],
    ['a broken status line', 'RTSP/1.0 OK\r\n\r\n', 'InvalidData'],
    ['headers without end', `RTSP/1.0 200 OK\r\n${'X: y\r\n'.repeat(20_000)}`, 'InvalidData'],
    ['an immense length', 'RTSP/1.0 200 OK\r\nContent-Length: 999999999\r\n\r\n', 'InvalidData'],
    ['an invalid length', 'RTSP/1.0 200 OK\r\nContent-Length: -5\r\n\r\n', 'InvalidData'],
    ['no description', 'RTSP/1.0 200 OK\r\n\r\n', 'InvalidData'],
    ['no video', 'RTSP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nv=0\r\n', 'NoVideo'],
  ])('reports %s', async (_name, bytes, kind) => {
    const port = await listen(() => bytes);
    expect(await ask(port)).toMatchObject({ ok: false, kind });
  });

  it('reports a camera that hangs up', async () => {
    const port = await listen(() => null);
    expect(await ask(port)).toMatchObject({ ok: false, kind: 'Ended' });
  });

  it('reports a refused connection', async () => {
    const port = await listen(() => '');
    await new Promise((resolve) => servers.splice(0)[0]?.close(resolve));
    expect(await ask(port)).toMatchObject({ ok: false, kind: 'ConnectionRefused' });
  });

  it('reports a host name that does not exist', async () => {
    const source = { kind: 'rtsp', secure: false, host: 'camera.invalid', port: 554, path: '/' } as const;
    expect(await ask(554, { source, timeoutMs: 10_000 })).toMatchObject({ kind: 'HostNotFound' });
  });

  it('stops waiting for an answer after the time allowed, and leaves no connection open', async () => {
    const port = await listen(() => 'RTSP/1.0 200');
    const started = performance.now();
    expect(await ask(port, { timeoutMs: 100 })).toEqual({
      ok: false,
      kind: 'TimedOut',
      message: 'The camera did not answer DESCRIBE within 0.1 s.',
    });
    expect(performance.now() - started).toBeLessThan(1500);
    await Promise.all([...sockets].map((socket) => once(socket, 'close')));
    expect(sockets.size).toBe(0);
  });

  it('reports a server without TLS where TLS was expected', async () => {
    const port = await listen(() => 'RTSP/1.0 400 Bad Request\r\n\r\n');
    const source = { kind: 'rtsp', secure: true, host: '127.0.0.1', port, path: '/' } as const;
    expect(await ask(port, { source })).toMatchObject({
      kind: 'InvalidData',
      message: expect.stringContaining('TLS'),
    });
  });

  it('rejects with the reason of its signal when it is aborted', async () => {
    const reason = new Error('shutting down');
    const end = new AbortController();
    const port = await listen(() => {
      end.abort(reason);
      return '';
    });
    await expect(ask(port, { signal: end.signal })).rejects.toBe(reason);
    await expect(ask(port, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
