import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { selfSignedCertificate } from '@camplane/camera-simulator/rtsp/self-signed-certificate';
import { runFfmpeg } from '@camplane/camera-simulator/run-ffmpeg';
import { gatewayUrl } from '@camplane/camera-source/http/gateway-address';
import { startHttpGateway } from '@camplane/camera-source/http/http-gateway';
import { anyNetworkPolicy, createCameraResolver } from '@camplane/camera-source/network/camera-resolver';
import type { CameraNetworkPolicy } from '@camplane/camera-source/network/camera-resolver';
import { startChild } from '@camplane/supervisor/child-process';
import { clipCacheFolder } from '@camplane/testkit/temporary-folder';
import { testedFfmpegs } from '@camplane/testkit/tested-ffmpegs';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { inputArguments } from './input.ts';

jest.setTimeout(60_000);

let segment: Buffer;
let canary: Server;
let canaryConnections = 0;
const servers: Server[] = [];

beforeAll(async () => {
  const file = join(clipCacheFolder(), `gateway-${process.pid}.ts`);
  const clip = [
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=160x120:rate=10',
    '-t',
    '2',
    '-c:v',
    'libx264',
    '-g',
    '10',
  ];
  await runFfmpeg([...clip, '-f', 'mpegts', '-y', file]);
  segment = await readFile(file);
  canary = createTcpServer((socket) => {
    canaryConnections += 1;
    socket.destroy();
  });
  await listen(canary);
});

afterAll(() => {
  canary.close();
});

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function serve(listener: RequestListener, secure = false): Promise<number> {
  const server = secure
    ? createHttpsServer(selfSignedCertificate('self-signed'), listener)
    : createHttpServer(listener);
  servers.push(server);
  return listen(server);
}

const segments: RequestListener = (_request, response) => {
  response.writeHead(200, { 'Content-Type': 'video/mp2t' }).end(segment);
};

function playlist(uri: string, tags: readonly string[] = []): RequestListener {
  const lines = ['#EXTM3U', '#EXT-X-TARGETDURATION:2', ...tags, '#EXTINF:2.0,', uri, '#EXT-X-ENDLIST', ''];
  return (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/vnd.apple.mpegurl' }).end(lines.join('\n'));
  };
}

/** Reads a playlist through a gateway to the end, or until the gateway refuses an address. */
async function read(
  command: string,
  options: { port: number; secure?: boolean; path?: string; policy?: Partial<CameraNetworkPolicy> },
) {
  const ownPorts = new Set([(canary.address() as AddressInfo).port]);
  const gateway = await startHttpGateway(
    createCameraResolver({ ...anyNetworkPolicy, ownPorts, ...options.policy }),
  );
  const { port, secure = false, path = '/live.m3u8' } = options;
  const source = { kind: 'http', host: '127.0.0.1', port, secure, path } as const;
  const { args, environment = {} } = inputArguments({
    source,
    gateway: { proxyUrl: gateway.url, url: gatewayUrl(source) },
    ...{
      transport: 'tcp',
      credentials: null,
      mediaFolder: '.',
      audio: false,
      probe: 'copy',
      pace: 'unpaced',
    },
  });
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), 15_000);
  let refused: string | null = null;
  void gateway.refused.then((failure) => {
    refused = failure.message;
    ending.abort();
  });
  let frames = 0;
  const child = startChild({
    name: 'reader',
    command,
    args: [
      '-hide_banner',
      '-loglevel',
      'error',
      ...args,
      '-map',
      '0:v:0',
      '-c',
      'copy',
      '-f',
      'framecrc',
      'pipe:1',
    ],
    // What a machine behind a proxy may have set.
    environment: { http_proxy: 'http://127.0.0.1:1', no_proxy: '*', ...environment },
    stdout: (chunk) => (frames += chunk.toString().match(/^0,/gm)?.length ?? 0),
    signal: ending.signal,
    killAfterMs: 1000,
  });
  await child.ended;
  clearTimeout(timer);
  await gateway.close();
  return { frames, refused };
}

describe.each(testedFfmpegs)('a playlist through the gateway, with FFmpeg $name', ({ command }) => {
  it('plays segments of the same host and of others that are permitted', async () => {
    const elsewhere = await serve(segments);
    for (const uri of ['1.ts', `http://127.0.0.1:${elsewhere}/1.ts`, `http://localhost:${elsewhere}/1.ts`]) {
      const port = await serve((request, response) =>
        request.url === '/live.m3u8' ? playlist(uri)(request, response) : segments(request, response),
      );
      expect(await read(command, { port })).toEqual({ frames: 20, refused: null });
    }
  });

  it('plays segments over TLS, by relative and absolute addresses', async () => {
    const secure = await serve(segments, true);
    const port = await serve(playlist(`https://127.0.0.1:${secure}/1.ts`));
    expect(await read(command, { port })).toEqual({ frames: 20, refused: null });
    const both = await serve(
      (request, response) =>
        request.url === '/live.m3u8' ? playlist('1.ts')(request, response) : segments(request, response),
      true,
    );
    expect(await read(command, { port: both, secure: true })).toEqual({ frames: 20, refused: null });
  });

  it.each([
    ['a segment at a port of Camplane', 'URL/1.ts', []],
    ['a segment there by a name', 'http://localhost:PORT/1.ts', []],
    ['a key there', '1.ts', ['#EXT-X-KEY:METHOD=AES-128,URI="URL/key"']],
    ['an initialization section there', '1.ts', ['#EXT-X-MAP:URI="URL/init.mp4"']],
    ['a segment at a metadata service', 'http://169.254.169.254/1.ts', []],
    ['an address in octal digits', 'http://0251.0376.0251.0376/1.ts', []],
  ])('refuses %s before it connects', async (_what, uri, tags) => {
    const before = canaryConnections;
    const canaryPort = String((canary.address() as AddressInfo).port);
    const fill = (text: string) =>
      text.replace('URL', `http://127.0.0.1:${canaryPort}`).replace('PORT', canaryPort);
    const port = await serve((request, response) =>
      request.url === '/live.m3u8'
        ? playlist(fill(uri), tags.map(fill))(request, response)
        : segments(request, response),
    );
    const { refused } = await read(command, { port });
    expect(refused).toMatch(/CAMPLANE_CAMERA_NETWORKS/);
    expect(canaryConnections).toBe(before);
  });

  it('refuses a redirect of a segment to an address that is not permitted', async () => {
    const before = canaryConnections;
    const location = `http://127.0.0.1:${(canary.address() as AddressInfo).port}/1.ts`;
    const port = await serve((request, response) =>
      request.url === '/live.m3u8'
        ? playlist('1.ts')(request, response)
        : void response.writeHead(302, { Location: location }).end(),
    );
    expect((await read(command, { port })).refused).toMatch(/Camplane itself listens/);
    expect(canaryConnections).toBe(before);
  });

  it.each([
    ...[
      'httpproxy://127.0.0.1:PORT/x',
      'tcp://127.0.0.1:PORT',
      'tls://127.0.0.1:PORT',
      'udp://127.0.0.1:PORT',
    ],
    ...['rtsp://127.0.0.1:PORT/x', 'file:///etc/hostname', 'concat:/etc/hostname|/etc/hostname'],
    ...['subfile,,start,0,end,9,,:/etc/hostname', 'data:video/mp2t;base64,AAAA', 'crypto+file:/etc/hostname'],
    ...[
      'gopher://127.0.0.1:PORT/x',
      'ftp://127.0.0.1:PORT/x',
      'unix:/run/x',
      'async:http://127.0.0.1:PORT/x',
    ],
    ...[
      'cache:http://127.0.0.1:PORT/x',
      'hls+http://127.0.0.1:PORT/x',
      'pipe:0',
      'http://a@127.0.0.1:PORT/x',
    ],
  ])('reads nothing from %s', async (uri) => {
    const before = canaryConnections;
    const canaryPort = String((canary.address() as AddressInfo).port);
    const port = await serve(playlist(uri.replace('PORT', canaryPort)));
    expect((await read(command, { port })).frames).toBe(0);
    expect(canaryConnections).toBe(before);
  });
});
