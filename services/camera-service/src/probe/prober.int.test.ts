import { defaultFfmpegLimits } from '@camplane/ffmpeg/process-limits';
import { anyNetworkPolicy } from '@camplane/camera-source/network/camera-resolver';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { startMultipartCamera } from '@camplane/camera-simulator/http/multipart-camera';
import { startDeviatingCamera } from '@camplane/camera-simulator/rtsp/deviating-camera';
import type { DeviatingCamera } from '@camplane/camera-simulator/rtsp/deviating-camera';
import type { RtspDeviation } from '@camplane/camera-simulator/rtsp/deviation';
import { clipCacheFolder } from '@camplane/testkit/temporary-folder';
import { createProber } from './prober.ts';
import type { Prober } from './prober.ts';

jest.setTimeout(60_000);

const cameras: DeviatingCamera[] = [];
afterEach(async () => {
  for (const camera of cameras.splice(0)) await camera.stop();
});

const prober = createProber({
  networkPolicy: anyNetworkPolicy,
  ffmpegPath: 'ffmpeg',
  ffprobePath: 'ffprobe',
  ffmpegLimits: defaultFfmpegLimits,
  mediaFolder: '/nowhere',
  signal: new AbortController().signal,
});
const credentials = { username: 'viewer', password: 'canary-1' };

async function probe(
  deviation: RtspDeviation,
  request: Partial<Parameters<Prober['probe']>[0]> = {},
): Promise<{ result: Awaited<ReturnType<Prober['probe']>>; camera: DeviatingCamera }> {
  const camera = await startDeviatingCamera({ deviation, cacheFolder: clipCacheFolder() });
  cameras.push(camera);
  const result = await prober.probe({
    url: camera.url,
    transport: 'tcp',
    credentials: null,
    mode: 'copy',
    audio: false,
    ...request,
  });
  return { result, camera };
}

describe('probing an RTSP camera', () => {
  it('reports what it sends, over one connection', async () => {
    const { result, camera } = await probe({ sound: { codec: 'pcmu' }, tracks: { more: ['metadata'] } });
    expect(result).toMatchObject({
      ok: true,
      video: { codec: 'h264', width: 320, height: 180, hasBFrames: false },
      audio: { codec: 'pcmu', sampleRate: 8000, isSent: true },
      source: {
        kind: 'rtsp',
        login: 'none',
        tracks: [{ type: 'video' }, { type: 'audio' }, { type: 'application' }],
        intraRefresh: false,
      },
      picture: expect.stringMatching(/^data:image\/jpeg;base64,\/9j/),
      suggestedMode: 'copy',
    });
    if (!result.ok) return;
    expect(result.source?.keyFrameIntervalS).toBeCloseTo(1, 0);
    expect(result.source?.bitRateKbps).toBeGreaterThan(10);
    expect(result.source?.firstKeyFrameMs).toBeGreaterThanOrEqual(result.source?.answerMs ?? Infinity);
    expect(camera.connections()).toBe(1);
  });

  it.each([
    ['md5', 'digest-md5'],
    ['sha256', 'digest-sha-256'],
    ['basic', 'basic'],
  ] as const)('names the login %s', async (scheme, login) => {
    const deviation = { login: { ...credentials, schemes: [scheme] } };
    const { result } = await probe(deviation, { credentials });
    expect(result).toMatchObject({ ok: true, source: { login } });
    expect(JSON.stringify(result)).not.toContain('canary');
    const refused = await probe(deviation, { credentials: { ...credentials, password: 'x' } });
    expect(refused.result).toMatchObject({ ok: false, reason: 'CredentialsRefused' });
  });

  it('finds B-frames, and that browsers do not play them', async () => {
    const { result } = await probe({ video: { parameters: 'bframes=3:b-adapt=0' } });
    expect(result).toMatchObject({ ok: true, video: { hasBFrames: true }, suggestedMode: 'transcode' });
    expect(result.ok && result.advice.join()).toContain('B-frames');
  });

  it('notices sound that is announced and never sent', async () => {
    const { result } = await probe({ sound: { codec: 'pcmu', spans: [] } }, { audio: true });
    expect(result).toMatchObject({ ok: true, audio: { isSent: false } });
    expect(result.ok && result.advice.join()).toContain('sends none');
  });

  it('reports which request was refused', async () => {
    const { result } = await probe({ refusals: [{ method: 'SETUP', status: 461 }] });
    expect(result).toMatchObject({ ok: false, message: expect.stringContaining('SETUP') });
  });
});

describe('probing other sources', () => {
  it('recognises MJPEG over HTTP, and an address with one picture', async () => {
    const camera = await startMultipartCamera(
      { size: [320, 184], login: { ...credentials, schemes: ['basic'] } },
      { cacheFolder: clipCacheFolder() },
    );
    const request = { transport: 'tcp', mode: 'transcode', audio: false } as const;
    const result = await prober.probe({ url: camera.url, credentials, ...request });
    await camera.stop();
    expect(result).toMatchObject({
      ok: true,
      video: { codec: 'mjpeg', width: 320, height: 184 },
      source: { kind: 'mjpeg' },
      suggestedMode: 'transcode',
    });
    expect(result.ok && result.video.fps).toBeCloseTo(10, -1);
    const jpeg = Buffer.from(result.ok ? (result.picture?.split(',')[1] ?? '') : '', 'base64');
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': jpeg.length }).end(jpeg);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/snapshot.jpg`;
    expect(await prober.probe({ url, credentials: null, ...request })).toMatchObject({
      ok: true,
      source: { kind: 'snapshot' },
      advice: expect.arrayContaining([expect.stringContaining('one picture')]),
    });
    server.closeAllConnections();
    server.close();
  });

  it('describes a test pattern', async () => {
    const request = { transport: 'tcp', credentials: null, mode: 'copy', audio: false } as const;
    expect(await prober.probe({ url: 'test:testsrc2', ...request })).toMatchObject({
      ok: true,
      source: { kind: 'test', login: null },
      suggestedMode: 'copy',
    });
  });
});
