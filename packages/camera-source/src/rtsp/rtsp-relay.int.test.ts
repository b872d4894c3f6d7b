import { once } from 'node:events';
import { connect } from 'node:net';
import { startDeviatingCamera } from '@camplane/camera-simulator/rtsp/deviating-camera';
import type { RtspDeviation } from '@camplane/camera-simulator/rtsp/deviation';
import { mergeDeviations } from '@camplane/camera-simulator/rtsp/deviation';
import { parseSourceUrl } from '@camplane/contracts/source-url';
import { startChild } from '@camplane/supervisor/child-process';
import { clipCacheFolder } from '@camplane/testkit/temporary-folder';
import { testedFfmpegs } from '@camplane/testkit/tested-ffmpegs';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { anyNetworkPolicy, createCameraResolver } from '../network/camera-resolver.ts';
import type { SourceRelay } from '../open-source.ts';
import { openRtspSource } from './open-rtsp-source.ts';
import type { OpenRtspSource } from './open-rtsp-source.ts';

jest.setTimeout(60_000);

const login = { username: 'viewer', password: 'canary "1\\ü' };
/** A key frame every 0.4 s. */
const quick: RtspDeviation = { video: { fps: 25, seconds: 4, keyFrameSeconds: 0.4 } };
const pictures = 15;

type Camera = Awaited<ReturnType<typeof startDeviatingCamera>>;

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function open(deviation: RtspDeviation): Promise<{ camera: Camera; source: OpenRtspSource }> {
  const camera = await startDeviatingCamera({
    deviation: mergeDeviations(quick, deviation),
    cacheFolder: clipCacheFolder(),
  });
  stops.push(() => camera.stop());
  const parsed = parseSourceUrl(camera.url);
  if (!parsed.ok || parsed.source.kind !== 'rtsp') throw new Error('the camera has no RTSP address');
  const source = await openRtspSource({
    source: parsed.source,
    credentials: deviation.login ? login : null,
    resolver: createCameraResolver(anyNetworkPolicy),
    answerTimeoutMs: 20_000,
    signal: new AbortController().signal,
  });
  stops.push(() => Promise.resolve(source.close()));
  return { camera, source };
}

async function startRelay(source: OpenRtspSource, audio = false): Promise<SourceRelay> {
  const relay = await source.relay({
    audio,
    onActivity: () => undefined,
    signal: new AbortController().signal,
  });
  stops.push(() => relay.close());
  return relay;
}

/** Decodes pictures of the relay; returns what FFmpeg says about each stream. */
async function decode(
  relay: SourceRelay,
  options: { command?: string; pictures?: number; seconds?: number } = {},
) {
  const lines: string[] = [];
  const end = new AbortController();
  const limit =
    options.seconds === undefined
      ? ['-frames:v', String(options.pictures ?? pictures)]
      : ['-t', String(options.seconds)];
  const child = startChild({
    name: 'reader',
    command: options.command ?? 'ffmpeg',
    args: [
      ...[
        '-hide_banner',
        '-nostdin',
        '-loglevel',
        'error',
        '-rtsp_transport',
        'tcp',
        '-analyzeduration',
        '500000',
      ],
      ...['-i', relay.url, '-map', '0', ...limit, '-f', 'framecrc', 'pipe:1'],
    ],
    stdout: (chunk) => lines.push(...chunk.toString().split('\n')),
    signal: end.signal,
  });
  stops.push(async () => {
    end.abort();
    await child.ended;
  });
  const ending = await child.ended;
  const count = (stream: number) => lines.filter((line) => line.startsWith(`${stream},`)).length;
  const stamps = lines.filter((line) => line.startsWith('0,')).map((line) => Number(line.split(',')[2]));
  return { ending, video: count(0), audio: count(1), stamps };
}

describe.each(testedFfmpegs)('a relay read by $name', ({ command }) => {
  it('carries video and sound', async () => {
    const { camera, source } = await open({ sound: { codec: 'pcmu' } });
    const relay = await startRelay(source, true);
    const { video, audio, ending } = await decode(relay, { command });
    expect(ending).toMatchObject({ kind: 'exited', code: 0 });
    expect(video).toBe(pictures);
    expect(audio).toBeGreaterThan(10);
    expect(relay.hasAudio).toBe(true);
    expect(relay.report()).toMatchObject({ timestampJumps: 0 });
    expect(relay.facts).toMatchObject({ codec: 'h264', width: 320, height: 180 });
    await relay.close();
    expect(camera.connections()).toBe(1);
    expect(camera.requests()).toEqual([
      ...['DESCRIBE 200', 'SETUP 200', 'SETUP 200', 'PLAY 200', 'TEARDOWN 200'],
    ]);
  });
});

describe('openRtspSource and its relay', () => {
  it.each<[string, RtspDeviation, string | null]>([
    ['Digest with SHA-256', { login: { ...login, schemes: ['md5', 'sha256'] } }, 'SHA-256'],
    [
      'a nonce for each request',
      { login: { ...login, schemes: ['md5'], nonce: 'per-request', qop: 'auth' } },
      null,
    ],
    ['TLS 1.0', { tls: { version: 'TLSv1' } }, 'TLSv1'],
    ['no parameter sets', { sdp: { withoutParameterSets: true } }, 'parameter sets'],
    [
      'sets and key frame in one packet',
      { sdp: { withoutParameterSets: true }, transport: { aggregates: true } },
      'sets',
    ],
    ['a description that is too long', { sdp: { contentLengthError: 20 } }, 'unknown length'],
    ['no v= and blank lines', { sdp: { edits: [(text) => `\r\n${text.replace('v=0\r\n', '')}`] } }, null],
    [
      'a refused metadata track',
      { tracks: { more: ['metadata'] }, refusals: [{ method: 'SETUP', status: 404, track: 'metadata' }] },
      null,
    ],
    ['other channels', { transport: { channelOffset: 6 } }, null],
    ['pictures before the answer to PLAY', { transport: { picturesBeforeAnswer: 3 } }, null],
    ['garbage between pictures', { transport: { garbageEvery: 2 } }, null],
    ['requests to the client', { transport: { asksClient: true } }, null],
    ['no marker bits', { stamps: { withoutMarkers: true } }, null],
    ['H.265', { video: { codec: 'h265' } }, null],
    ['MJPEG', { video: { codec: 'mjpeg' } }, null],
  ])('plays a camera with %s', async (_name, deviation, needsRelay) => {
    const { camera, source } = await open(deviation);
    if (needsRelay === null) expect(source.needsRelay).toBeNull();
    else expect(source.needsRelay).toContain(needsRelay);
    const { video } = await decode(await startRelay(source));
    expect(video).toBe(pictures);
    expect(camera.connections()).toBe(1);
  });

  it.each<[string, RtspDeviation]>([
    ['is never sent', { sound: { codec: 'pcmu', spans: [] } }],
    [
      'is refused',
      { sound: { codec: 'pcmu' }, refusals: [{ method: 'SETUP', status: 459, track: 'audio' }] },
    ],
  ])('plays the video without the sound that %s', async (_name, deviation) => {
    const { source } = await open(deviation);
    const relay = await startRelay(source, true);
    expect(relay.hasAudio).toBe(false);
    expect(await decode(relay)).toMatchObject({ video: pictures, audio: 0 });
  });

  it.each([-3600, 3600])(
    'keeps timestamps monotonic when the clock of the camera jumps by %d s',
    async (bySeconds) => {
      const { source } = await open({
        stamps: { start: 2 ** 32 - 1000, jumps: [{ afterSeconds: 1, bySeconds }] },
      });
      const relay = await startRelay(source);
      const { stamps } = await decode(relay, { pictures: 40 });
      expect(relay.report().timestampJumps).toBe(1);
      expect(stamps).toEqual([...stamps].sort((a, b) => a - b));
      expect(stamps.at(-1)).toBeLessThan(40 * 5);
    },
  );

  it('keeps a session alive, with the login', async () => {
    const { camera, source } = await open({
      login: { ...login, schemes: ['md5'], nonce: 'per-request' },
      session: { timeoutSeconds: 4, needsKeepAlive: true },
    });
    const relay = await startRelay(source);
    const { video } = await decode(relay, { pictures: 25 * 6 });
    expect(video).toBe(25 * 6);
    expect(camera.requests()).toContain('GET_PARAMETER 200');
  });

  it('says why the stream of the camera ended, and ends the stream of FFmpeg', async () => {
    const { source } = await open({ session: { endsAfterSeconds: 2 } });
    const relay = await startRelay(source);
    const decoding = decode(relay, { pictures: 1000 });
    expect(await relay.ended).toMatchObject({
      kind: 'Ended',
      message: expect.stringContaining('closed the connection'),
    });
    expect((await decoding).video).toBeGreaterThan(5);
  });

  it.each<[number, string, RegExp]>([
    [461, 'TransportRefused', /SETUP 461\)\. Choose transport udp/],
    [404, 'TrackRefused', /SETUP 404/],
    [453, 'TooManyConnections', /SETUP 453/],
    [500, 'TrackRefused', /SETUP 500/],
  ])('names a SETUP refused with %d', async (status, kind, message) => {
    const { source } = await open({ refusals: [{ method: 'SETUP', status }] });
    await expect(startRelay(source)).rejects.toMatchObject({ kind, message: expect.stringMatching(message) });
  });

  it('serves one reader at a time, and only at its secret path', async () => {
    const { source } = await open({});
    const relay = await startRelay(source);
    const { port, pathname } = new URL(relay.url);
    const first = connect(Number(port), '127.0.0.1');
    first.write(`DESCRIBE rtsp://127.0.0.1:${port}/other RTSP/1.0\r\nCSeq: 1\r\n\r\n`);
    const [answer] = (await once(first, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^RTSP\/1\.0 404 /);
    const second = connect(Number(port), '127.0.0.1');
    await once(second, 'close');
    first.destroy();
    await once(first, 'close');
    expect(pathname).toMatch(/^\/[0-9a-f]{32}$/);
    expect((await decode(relay)).video).toBe(pictures);
    expect((await decode(relay)).video).toBe(pictures);
  });

  it('releases the camera when its signal is aborted', async () => {
    const { camera, source } = await open({ session: { singleFreeAfterMs: 0 } });
    const end = new AbortController();
    const relay = await source.relay({ audio: false, onActivity: () => undefined, signal: end.signal });
    end.abort();
    await relay.ended;
    await relay.close();
    expect(camera.requests().at(-1)).toBe('TEARDOWN 200');
  });
});
