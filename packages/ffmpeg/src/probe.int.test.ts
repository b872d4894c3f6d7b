import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gatewayUrl } from '@camplane/camera-source/http/gateway-address';
import { startHttpGateway } from '@camplane/camera-source/http/http-gateway';
import { anyNetworkPolicy, createCameraResolver } from '@camplane/camera-source/network/camera-resolver';
import { parseSourceUrl } from '@camplane/contracts/source-url';
import { freePort } from '@camplane/testkit/free-port';
import { publishPattern } from '@camplane/testkit/publish-pattern';
import { startTestRtspServer } from '@camplane/testkit/rtsp-server';
import type { TestRtspServer } from '@camplane/testkit/rtsp-server';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { probeSource } from './probe.ts';
import { defaultFfmpegLimits } from './process-limits.ts';
import type { ProbeOptions, ProbeOutcome } from './probe.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'camplane-probe-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function probe(url: string, options: Partial<ProbeOptions> = {}): Promise<ProbeOutcome> {
  const parsed = parseSourceUrl(url);
  if (!parsed.ok) throw new Error(parsed.reason);
  const { source } = parsed;
  const gateway =
    source.kind === 'http' ? await startHttpGateway(createCameraResolver(anyNetworkPolicy)) : null;
  const outcome = await probeSource({
    source,
    gateway: gateway && source.kind === 'http' ? { proxyUrl: gateway.url, url: gatewayUrl(source) } : null,
    transport: 'tcp',
    credentials: null,
    mediaFolder: folder,
    ffmpegPath: 'ffmpeg',
    ffprobePath: 'ffprobe',
    ffmpegLimits: defaultFfmpegLimits,
    picture: false,
    timeoutMs: 15_000,
    signal: new AbortController().signal,
    ...options,
  });
  await gateway?.close();
  return outcome;
}

async function ffmpeg(...args: string[]): Promise<Buffer> {
  const all = ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y', ...args];
  const { stdout } = await promisify(execFile)('ffmpeg', all, { encoding: 'buffer', maxBuffer: 1 << 24 });
  return stdout;
}

function pictureSize(outcome: ProbeOutcome): number {
  return outcome.ok ? (outcome.picture?.length ?? 0) : 0;
}

describe('probing an RTSP camera', () => {
  const login = { username: 'viewer', password: 'canary-1' };
  let server: TestRtspServer;
  let publisher: { stop(): Promise<void> };

  beforeAll(async () => {
    server = await startTestRtspServer({ login });
    publisher = await publishPattern({ port: server.port, size: '800x450', audio: true });
  });
  afterAll(async () => {
    await publisher?.stop();
    await server?.stop();
  });

  it('reports video, sound and a JPEG', async () => {
    const outcome = await probe(`rtsp://127.0.0.1:${server.port}/stream1`, {
      credentials: login,
      picture: true,
    });
    expect(outcome).toMatchObject({
      ok: true,
      video: { codec: 'h264', width: 800, height: 450, fps: 10, hasBFrames: false },
      audio: { codec: 'opus', sampleRate: 48_000, channels: 2 },
    });
    expect(pictureSize(outcome)).toBeGreaterThan(1000);
  });

  it('reports a wrong or missing login', async () => {
    const url = `rtsp://127.0.0.1:${server.port}/stream1`;
    expect(await probe(url, { credentials: { ...login, password: 'x' } })).toMatchObject({
      kind: 'CredentialsRefused',
    });
    expect(await probe(url)).toMatchObject({ kind: 'CredentialsRefused' });
  });

  it('reports a missing stream or camera', async () => {
    expect(await probe(`rtsp://127.0.0.1:${server.port}/none`, { credentials: login })).toMatchObject({
      kind: 'NotFound',
    });
    expect(await probe(`rtsp://127.0.0.1:${await freePort()}/x`)).toMatchObject({
      kind: 'ConnectionRefused',
    });
  });

  it('rejects with the reason of its signal', async () => {
    const stop = new AbortController();
    const probing = probe(`rtsp://127.0.0.1:${server.port}/stream1`, {
      credentials: login,
      signal: stop.signal,
    });
    setTimeout(() => stop.abort(new Error('no longer needed')), 100);
    await expect(probing).rejects.toThrow('no longer needed');
  });
});

describe('probing other sources', () => {
  it('describes a pattern', async () => {
    const outcome = await probe('test:testsrc', { picture: true });
    expect(outcome).toMatchObject({ ok: true, video: { width: 1280, height: 720, fps: 25 }, audio: null });
    expect(pictureSize(outcome)).toBeGreaterThan(1000);
  });

  it('describes a file with H.265 and B-frames, with a JPEG', async () => {
    await ffmpeg(
      ...['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=15', '-t', '2'],
      ...[
        '-c:v',
        'libx265',
        '-preset',
        'ultrafast',
        '-x265-params',
        'bframes=2:log-level=none',
        join(folder, 'b.mp4'),
      ],
    );
    const outcome = await probe('file:b.mp4', { picture: true });
    expect(outcome).toMatchObject({
      ok: true,
      video: { codec: 'h265', width: 320, fps: 15, hasBFrames: true },
    });
    expect(pictureSize(outcome)).toBeGreaterThan(1000);
  });

  it('reports what is wrong with a file', async () => {
    await writeFile(join(folder, 'text.mp4'), 'no film at all\n'.repeat(100));
    await ffmpeg('-f', 'lavfi', '-i', 'sine', '-t', '1', join(folder, 'sound.mkv'));
    expect(await probe('file:none.mp4')).toMatchObject({ kind: 'NotFound' });
    expect(await probe('file:text.mp4')).toMatchObject({ kind: 'InvalidData' });
    expect(await probe('file:sound.mkv')).toMatchObject({ kind: 'NoVideo' });
  });

  it('reports a missing device', async () => {
    expect(await probe('v4l2:/dev/video99')).toMatchObject({ kind: 'NotFound' });
  });

  it('reports that ffprobe is missing', async () => {
    expect(await probe('test:testsrc', { ffprobePath: '/nowhere/ffprobe' })).toMatchObject({
      kind: 'ProgramMissing',
    });
  });
});

describe('probing an HTTP camera', () => {
  const login = { username: "us'er", password: `p@ss:w/o rd'%"#?\\` };
  const seen: string[] = [];
  let server: Server;
  let base = '';

  beforeAll(async () => {
    const jpeg = await ffmpeg(
      ...[
        '-f',
        'lavfi',
        '-i',
        'testsrc2=size=320x240',
        '-frames:v',
        '1',
        '-c:v',
        'mjpeg',
        '-f',
        'image2pipe',
        'pipe:1',
      ],
    );
    const part = `--b\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`;
    server = createServer((request, response) => {
      if (request.url === '/silent') return;
      if (request.url === '/page') return void response.end('<html></html>'.repeat(200));
      if (request.url === '/list') return void response.end("ffconcat version 1.0\nfile '/etc/passwd'\n");
      if (request.url !== '/v.mjpg') return void response.writeHead(404).end();
      const [scheme, encoded] = (request.headers.authorization ?? '').split(' ');
      if (scheme !== 'Basic')
        return void response.writeHead(401, { 'www-authenticate': 'Basic realm="c"' }).end();
      seen.push(Buffer.from(encoded ?? '', 'base64').toString());
      response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=b' });
      const timer = setInterval(
        () => response.write(Buffer.concat([Buffer.from(part), jpeg, Buffer.from('\r\n')])),
        50,
      );
      response.on('close', () => clearInterval(timer));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('describes MJPEG behind a login with any characters', async () => {
    const outcome = await probe(`${base}/v.mjpg`, { credentials: login, picture: true });
    expect(outcome).toMatchObject({
      ok: true,
      video: { codec: 'mjpeg', width: 320, height: 240, fps: null, hasBFrames: false },
    });
    expect(pictureSize(outcome)).toBeGreaterThan(1000);
    expect(seen).toContain(`${login.username}:${login.password}`);
  });

  it.each([
    ['/v.mjpg', 'CredentialsRefused'],
    ['/none', 'NotFound'],
    ['/page', 'InvalidData'],
    ['/list', 'InvalidData'],
  ])('refuses %s as %s', async (path, kind) => {
    expect(await probe(`${base}${path}`)).toMatchObject({ ok: false, kind });
  });

  it('times out on a silent camera', async () => {
    const startedMs = performance.now();
    expect(await probe(`${base}/silent`, { timeoutMs: 600 })).toMatchObject({ ok: false, kind: 'TimedOut' });
    expect(performance.now() - startedMs).toBeLessThan(3000);
  });
});
