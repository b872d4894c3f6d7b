import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { gatewayUrl } from '@camplane/camera-source/http/gateway-address';
import { startHttpGateway } from '@camplane/camera-source/http/http-gateway';
import { anyNetworkPolicy, createCameraResolver } from '@camplane/camera-source/network/camera-resolver';
import type { CameraSource } from '@camplane/contracts/source-url';
import { startChild } from '@camplane/supervisor/child-process';
import { freePort } from '@camplane/testkit/free-port';
import { publishPattern } from '@camplane/testkit/publish-pattern';
import { startTestRtspServer } from '@camplane/testkit/rtsp-server';
import type { TestRtspServer } from '@camplane/testkit/rtsp-server';
import { testedFfmpegs } from '@camplane/testkit/tested-ffmpegs';
import { buildCopy } from './arguments/copy.ts';
import type { PublishOptions } from './arguments/publish-source.ts';
import { classifyError } from './classify-error.ts';

/*
 * Runs FFmpeg as for cameras and makes it fail: its messages differ between versions.
 */

const login = { username: 'viewer', password: 'canary-1' };
/** The version under test. */
let ffmpeg = '';
const servers: Server[] = [];
let camera: TestRtspServer;
let publisher: { stop(): Promise<void> };
let mediaServer: TestRtspServer;
let closedPort: number;

beforeAll(async () => {
  camera = await startTestRtspServer({ login });
  mediaServer = await startTestRtspServer({ login: null });
  publisher = await publishPattern({ port: camera.port, size: '320x240' });
  closedPort = await freePort();
});

afterAll(async () => {
  for (const server of servers) server.close();
  await publisher?.stop();
  await camera?.stop();
  await mediaServer?.stop();
});

const rtsp = (port: number, path = '/stream1', host = '127.0.0.1'): CameraSource => ({
  kind: 'rtsp',
  secure: false,
  host,
  port,
  path,
});
const target = (port: number) => `rtsp://127.0.0.1:${port}/front-door`;

/** A server that answers every RTSP request with one status, or hangs up for null. */
async function listen(status: string | null): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      const sequence = /CSeq: (\d+)/.exec(data.toString('latin1'))?.[1] ?? '1';
      if (status === null) socket.destroy();
      else socket.write(`RTSP/1.0 ${status}\r\nCSeq: ${sequence}\r\n\r\n`);
    });
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

/** Copies from a camera to MediaMTX until FFmpeg exits, and returns the classified error. */
async function copy(
  options: Partial<PublishOptions> & Pick<PublishOptions, 'source'>,
  onFirstFrame?: () => void,
) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), 20_000);
  const invocation = buildCopy({
    transport: 'tcp',
    credentials: null,
    mediaFolder: '/nowhere',
    audio: false,
    target: target(mediaServer.port),
    ...options,
  });
  let hadFrame = false;
  const ending = await startChild({
    name: 'copy',
    command: ffmpeg,
    ...invocation,
    stdout: (chunk) => {
      if (hadFrame || !/^frame=[1-9]/m.test(chunk.toString())) return;
      hadFrame = true;
      onFirstFrame?.();
    },
    signal: limit.signal,
    killAfterMs: 1000,
  }).ended;
  clearTimeout(timer);
  if (ending.kind === 'stopped') throw new Error(`FFmpeg did not end: ${ending.stderrTail.join('\n')}`);
  return { ...classifyError(ending.stderrTail), lines: ending.stderrTail };
}

describe.each(testedFfmpegs)('classifyError on the output of $name', ({ command }) => {
  beforeAll(() => void (ffmpeg = command));

  it('recognises a refused login', async () => {
    const credentials = { ...login, password: 'canary-2' };
    const { kind, message, lines } = await copy({ source: rtsp(camera.port), credentials });
    expect({ kind, lines }).toMatchObject({ kind: 'CredentialsRefused' });
    expect(`${message}${lines.join()}`).not.toContain('canary');
  });

  it.each([
    ['403 Forbidden', 'CredentialsRefused'],
    ['453 Not Enough Bandwidth', 'TooManyConnections'],
    ['404 Not Found', 'NotFound'],
    ['503 Service Unavailable', 'InvalidData'],
  ])('recognises a camera that responds with %s', async (status, kind) => {
    expect(await copy({ source: rtsp(await listen(status)) })).toMatchObject({ kind });
  });

  it('recognises a path without a stream', async () => {
    const source = rtsp(camera.port, '/none');
    expect(await copy({ source, credentials: login })).toMatchObject({ kind: 'NotFound' });
  });

  it.each([null, login])('recognises a refused connection, with credentials %j', async (credentials) => {
    expect(await copy({ source: rtsp(closedPort), credentials })).toMatchObject({
      kind: 'ConnectionRefused',
    });
  });

  it.each([null, login])(
    'recognises a host that does not exist, with credentials %j',
    async (credentials) => {
      const source = rtsp(554, '/x', 'camera.invalid');
      expect(await copy({ source, credentials })).toMatchObject({ kind: 'HostNotFound' });
    },
  );

  it('recognises a silent camera', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    servers.push(silent);
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const source = { kind: 'http', secure: false, host: '127.0.0.1', port, path: '/video' } as const;
    const gateway = await startHttpGateway(createCameraResolver(anyNetworkPolicy));
    const input = { proxyUrl: gateway.url, url: gatewayUrl(source) };
    expect(await copy({ source, gateway: input })).toMatchObject({ kind: 'TimedOut' });
    await gateway.close();
  }, 30_000);

  it('recognises a missing file and a missing device', async () => {
    const file = await copy({ source: { kind: 'file', path: 'none.mp4' } });
    const device = await copy({ source: { kind: 'v4l2', device: '/dev/video99' } });
    expect([file.kind, device.kind]).toEqual(['NotFound', 'NotFound']);
  });

  it('recognises missing sound', async () => {
    const { message } = await copy({ source: rtsp(camera.port), credentials: login, audio: true });
    expect(message).toContain('no sound');
  });

  it('distinguishes a MediaMTX that is down, or refuses, from a camera that does', async () => {
    const options = { source: rtsp(camera.port), credentials: login };
    for (const port of [
      closedPort,
      await listen('401 Unauthorized'),
      await listen('404 Not Found'),
      await listen('400 Bad Request'),
      await listen(null),
    ]) {
      expect(await copy({ ...options, target: target(port) })).toMatchObject({
        kind: 'MediaServerUnavailable',
      });
    }
  }, 30_000);

  it.each(['kill', 'stop'] as const)('recognises that MediaMTX disappeared mid-stream by %s', async (how) => {
    const server = await startTestRtspServer({ login: null });
    try {
      const options = { source: rtsp(camera.port), credentials: login, target: target(server.port) };
      const { kind, lines } = await copy(options, () => void server[how]());
      expect({ kind, lines }).toMatchObject({ kind: 'MediaServerUnavailable' });
    } finally {
      await server.stop();
    }
  });

  it('reports nothing for a camera that ends its stream properly', async () => {
    const other = await startTestRtspServer({ login: null });
    const pattern = await publishPattern({ port: other.port, size: '320x240' });
    try {
      const result = await copy({ source: rtsp(other.port) }, () => void pattern.stop());
      expect(result).not.toHaveProperty('kind', 'MediaServerUnavailable');
    } finally {
      await pattern.stop();
      await other.stop();
    }
  });
});
