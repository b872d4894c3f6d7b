import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { startMultipartCamera } from '@camplane/camera-simulator/http/multipart-camera';
import type { MultipartDeviation } from '@camplane/camera-simulator/http/multipart-camera';
import { startSnapshotCamera } from '@camplane/camera-simulator/http/snapshot-camera';
import type { SnapshotDeviation } from '@camplane/camera-simulator/http/snapshot-camera';
import { parseSourceUrl } from '@camplane/contracts/source-url';
import { monotonicClock } from '@camplane/runtime/clock';
import { startChild } from '@camplane/supervisor/child-process';
import { RunFailure } from '@camplane/supervisor/run-failure';
import { clipCacheFolder } from '@camplane/testkit/temporary-folder';
import { waitUntil } from '@camplane/testkit/wait-until';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { SourceRelay } from '../open-source.ts';
import { anyNetworkPolicy, createCameraResolver } from '../network/camera-resolver.ts';
import { openHttpSource } from './open-http-source.ts';
import type { OpenHttpSource, OpenHttpSourceOptions } from './open-http-source.ts';
import { testJpeg } from './testing/test-jpeg.ts';

jest.setTimeout(40_000);

const cacheFolder = clipCacheFolder();
const login = { username: 'viewer', password: 'secret' };
const closings: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

async function open(url: string, options: Partial<OpenHttpSourceOptions> = {}): Promise<OpenHttpSource> {
  const parsed = parseSourceUrl(url);
  if (!parsed.ok || parsed.source.kind !== 'http') throw new Error(`not an HTTP address: ${url}`);
  const opened = await openHttpSource({
    source: parsed.source,
    credentials: null,
    resolver: createCameraResolver(anyNetworkPolicy),
    requestedFps: () => 5,
    timeoutMs: 10_000,
    signal: new AbortController().signal,
    clock: monotonicClock,
    random: () => 0,
    ...options,
  });
  if ('source' in opened) closings.push(() => opened.source.close());
  return opened;
}

async function openRelay(url: string, options: Partial<OpenHttpSourceOptions> = {}): Promise<SourceRelay> {
  const opened = await open(url, options);
  if (!('source' in opened)) throw new Error(`${url} is ${opened.kind}`);
  const { signal } = new AbortController();
  const relay = await opened.source.relay({ audio: false, onActivity: () => undefined, signal });
  closings.push(() => relay.close());
  return relay;
}

async function startMultipart(deviation: MultipartDeviation): Promise<string> {
  const camera = await startMultipartCamera(deviation, { cacheFolder });
  closings.push(() => camera.stop());
  return camera.url;
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closings.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}/video`;
}

/** Times of the pictures that FFmpeg reads and decodes, in seconds. */
async function decode(relay: SourceRelay, count: number): Promise<number[]> {
  let output = '';
  const probing = ['-analyzeduration', '100000', '-fpsprobesize', '0'];
  const reading = ['-hide_banner', '-loglevel', 'error', ...probing, '-f', relay.format, '-i', relay.url];
  const writing = ['-frames:v', String(count), '-fps_mode', 'passthrough', '-enc_time_base', '1:1000'];
  const { kind, stderrTail } = await startChild({
    name: 'reader',
    command: 'ffmpeg',
    args: [...reading, ...writing, '-f', 'framecrc', 'pipe:1'],
    stdout: (chunk) => (output += chunk.toString()),
    signal: AbortSignal.timeout(20_000),
  }).ended;
  expect({ kind, stderrTail }).toEqual({ kind: 'exited', stderrTail: [] });
  const lines = output.split('\n').filter((line) => /^0,/.test(line));
  return lines.map((line) => Number(line.split(',')[2]) / 1000);
}

describe('the pictures of a camera over HTTP', () => {
  it.each<[string, MultipartDeviation, boolean]>([
    ['ordinary parts', {}, true],
    ['no boundary before the first part', { withoutFirstDelimiter: true, partType: 'image/jpg' }, true],
    ['wrong lengths and line feeds', { length: 'wrong', newline: '\n', contentType: 'text/html' }, true],
    ['no Huffman tables', { form: 'without-huffman-tables' }, true],
    ['restart markers', { form: 'restart-markers' }, false],
    ['grey pictures', { form: 'grey' }, false],
  ])('are decoded with their own times: %s', async (_name, deviation, isCopied) => {
    const url = await startMultipart({ ...deviation, fps: 10 });
    const opened = await open(url);
    expect(opened).toMatchObject({ kind: 'multipart', source: { facts: { codec: 'mjpeg', width: 320 } } });
    if (!('source' in opened)) return;
    expect(opened.source.facts.copyRefusal === null).toBe(isCopied);
    const relay = await openRelay(url);
    const times = await decode(relay, 15);
    expect(times).toHaveLength(15);
    const seconds = (times.at(-1) ?? 0) - (times[0] ?? 0);
    // At 25 pictures per second, which FFmpeg assumes, it would be 0.6.
    expect(seconds).toBeGreaterThan(1);
    expect(seconds).toBeLessThan(5);
    expect(relay.report()).toMatchObject({ hasBFrames: false, audioPackets: 0 });
    expect(relay.report().pictures).toBeGreaterThanOrEqual(14);
  });

  it('are served to one client at a time', async () => {
    const relay = await openRelay(await startMultipart({}));
    const client = new AbortController();
    closings.push(() => client.abort());
    expect((await fetch(relay.url, { signal: client.signal })).status).toBe(200);
    expect((await fetch(relay.url)).status).toBe(404);
    expect((await fetch(new URL('/', relay.url))).status).toBe(404);
    client.abort();
    expect(await waitUntil(() => decode(relay, 2), Boolean, { what: 'a second client' })).toHaveLength(2);
  });

  it('end with the reason when the camera ends', async () => {
    const relay = await openRelay(await startMultipart({ endsAfterPictures: 8 }));
    expect(await relay.ended).toMatchObject({ kind: 'Ended', message: 'The camera ended the stream.' });
  });

  it('end when their size changes', async () => {
    const jpegs = [testJpeg({}), testJpeg({}), testJpeg({}), testJpeg({ width: 640 })];
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'multipart/x-mixed-replace' });
      const timer = setInterval(() => response.write(jpegs.length > 1 ? jpegs.shift() : jpegs[0]), 300);
      response.on('close', () => clearInterval(timer));
    });
    const relay = await openRelay(url);
    expect(await relay.ended).toMatchObject({
      kind: 'Ended',
      message: 'The picture size changed to 640×240.',
    });
  });
});

describe('an address with one picture', () => {
  it('is requested again and again over one connection, conditionally', async () => {
    const connections = new Set<number | undefined>();
    const conditions: (string | undefined)[] = [];
    const picture = testJpeg({});
    const url = await serve((request, response) => {
      connections.add(request.socket.remotePort);
      conditions.push(request.headers['if-none-match']);
      if (request.headers['if-none-match'] === '"1"') return void response.writeHead(304).end();
      response.writeHead(200, {
        'Content-Type': 'image/jpeg',
        ETag: '"1"',
        'Content-Length': picture.length,
      });
      response.end(picture);
    });
    const relay = await openRelay(url);
    await waitUntil(
      () => relay.report().pictures,
      (pictures) => pictures >= 4,
      { what: 'pictures of the relay' },
    );
    expect(connections.size).toBe(1);
    expect(conditions.slice(0, 3)).toEqual([undefined, '"1"', '"1"']);
  });

  it.each<SnapshotDeviation>([
    { hasEtag: true, changesEverySeconds: 0.5 },
    { unavailableEvery: 3, closesConnection: true, contentType: 'image/jpg' },
    { login: { ...login, schemes: ['sha256'], qop: 'auth' } },
  ])('is decoded as video: %j', async (deviation) => {
    const camera = await startSnapshotCamera(deviation, { cacheFolder });
    closings.push(() => camera.stop());
    const relay = await openRelay(camera.url, { credentials: login });
    const times = await decode(relay, 5);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(0.5);
  });

  it('ends with the reason after several failures in a row', async () => {
    const picture = testJpeg({});
    let requests = 0;
    const url = await serve((_request, response) => {
      requests += 1;
      if (requests > 2) return void response.writeHead(500).end();
      response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(picture);
    });
    const relay = await openRelay(url);
    expect(await relay.ended).toMatchObject({
      kind: 'InvalidData',
      message: expect.stringContaining('(500)'),
    });
    expect(requests).toBe(5);
  });
});

describe('an HTTP address', () => {
  it.each([
    ['application/vnd.apple.mpegurl', '#EXTM3U\n', 'hls'],
    ['video/mp2t', 'G'.padEnd(188, '\0'), 'other'],
  ])('of type %s is left to FFmpeg', async (type, body, kind) => {
    const url = await serve((_request, response) =>
      response.writeHead(200, { 'Content-Type': type }).end(body),
    );
    expect(await open(url)).toEqual({ kind });
  });

  it.each<[string, RequestListener, string, string]>([
    [
      'a web page',
      (_, r) => r.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>'),
      'InvalidData',
      'web page',
    ],
    [
      'other parts',
      (_, r) =>
        r
          .writeHead(200, { 'Content-Type': 'multipart/x-mixed-replace' })
          .end('--a\nContent-Type: video/h264\n\n1'),
      'InvalidData',
      'The camera sends video/h264, not JPEG pictures at this address.',
    ],
    [
      'a redirect',
      (_, r) => r.writeHead(302, { Location: 'http://10.0.0.9/x?y' }).end(),
      'Redirected',
      'to 10.0.0.9,',
    ],
    ['nothing', (_, r) => r.writeHead(404).end(), 'NotFound', '(404)'],
    ['no permission', (_, r) => r.writeHead(403).end(), 'CredentialsRefused', '(403)'],
    ['a full camera', (_, r) => r.writeHead(503).end(), 'TooManyConnections', '(503)'],
    ['an error', (_, r) => r.writeHead(500).end(), 'InvalidData', '(500)'],
    ['a closed connection', (request) => request.socket.destroy(), 'Ended', 'closed the connection'],
    [
      'another protocol',
      (request) => request.socket.end('SSH-2.0-OpenSSH\r\n'),
      'InvalidData',
      'does not speak HTTP',
    ],
  ])('is refused with the reason: %s', async (_name, listener, kind, message) => {
    const error: unknown = await open(await serve(listener)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RunFailure);
    expect(error).toMatchObject({ kind, message: expect.stringContaining(message) });
  });

  it('is refused where the login is missing or wrong, after one attempt', async () => {
    const camera = await startSnapshotCamera({ login: { ...login, schemes: ['md5'] } }, { cacheFolder });
    closings.push(() => camera.stop());
    await expect(open(camera.url)).rejects.toThrow('none were given (401)');
    const before = camera.requests();
    await expect(open(camera.url, { credentials: { username: 'viewer', password: 'no' } })).rejects.toThrow(
      'refused the user or password (401)',
    );
    expect(camera.requests() - before).toBe(2);
  });

  it('is refused if it stays silent', async () => {
    const url = await serve(() => undefined);
    await expect(open(url, { timeoutMs: 300 })).rejects.toMatchObject({ kind: 'TimedOut' });
  });
});
