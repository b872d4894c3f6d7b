import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { SimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import { startSimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import { cameraPath } from '@camplane/mediamtx/camera-path';
import type { TestBrowser } from './chromium.ts';
import { startChromium } from './chromium.ts';
import type { TestMediaServer } from './media-server.ts';
import { startTestMediaServer } from './media-server.ts';
import { openPlayerPage } from './player-page.ts';
import { playWithVlc, vlcSupportsRtsp } from './play-with-vlc.ts';
import { assertNoDescendants } from './processes.ts';
import { clipCacheFolder } from './temporary-folder.ts';
import { waitUntil } from './wait-until.ts';

jest.setTimeout(60_000);

const ending: (() => Promise<unknown>)[] = [];
let camera: SimulatedCamera;
let server: TestMediaServer;
let browser: TestBrowser;
let publisher: ChildProcess;

function publish(): void {
  const input = ['-analyzeduration', '500000', '-rtsp_transport', 'tcp', '-i', camera.url];
  const output = ['-c', 'copy', '-f', 'rtsp', '-rtsp_transport', 'tcp', server.rtspUrl('cam')];
  publisher = spawn('ffmpeg', ['-loglevel', 'error', '-nostdin', ...input, ...output], { stdio: 'ignore' });
}

async function stopPublishing(): Promise<void> {
  publisher.kill('SIGKILL');
  await once(publisher, 'close');
}

const waitUntilOnline = (isOnline: boolean) =>
  waitUntil(
    () => server.api.getPath('cam'),
    (path) => path?.online === isOnline,
    { what: `the camera is ${isOnline ? 'live' : 'offline'}` },
  );

beforeAll(async () => {
  server = await startTestMediaServer({ auth: 'none' });
  ending.push(() => server.stop());
  camera = await startSimulatedCamera({
    content: { kind: 'pattern' },
    codec: 'h264',
    width: 640,
    height: 360,
    fps: 25,
    keyFrameIntervalSeconds: 1,
    credentials: null,
    port: 0,
    cacheFolder: clipCacheFolder(),
  });
  ending.push(() => camera.stop());
  await server.api.addPath('cam', cameraPath({ kind: 'tracks', tracks: [{ codec: 'H264' }] }));
  publish();
  ending.push(stopPublishing);
  await waitUntilOnline(true);
  browser = await startChromium();
  ending.push(() => browser.close());
});

afterAll(async () => {
  for (const end of ending.splice(0).reverse()) await end();
  await assertNoDescendants(process.pid);
});

describe('players', () => {
  it.each(['whep', 'hls'] as const)('Chromium plays %s and its frames can be read', async (kind) => {
    const page = await openPlayerPage(browser, {
      kind,
      url: kind === 'hls' ? server.hlsUrl('cam') : server.whepUrl('cam'),
    });
    const state = await page.waitForFrames(10);
    expect(state).toMatchObject({ connects: 1, connectionState: kind === 'hls' ? null : 'connected' });
    await waitUntil(
      () => page.timeMark(),
      (mark) => mark !== null,
      { what: 'a time mark in the frame' },
    );
    const before = (await page.timeMark()) ?? -1;
    await page.waitForFrames(10);
    expect(await page.timeMark()).not.toBe(before);
    // The first cell of the mark is white.
    expect(Math.min(...(await page.pixel(0.02, 0.02)))).toBeGreaterThan(200);
    await page.close();
  });

  it('a WebRTC session survives a publisher outage', async () => {
    const page = await openPlayerPage(browser, { kind: 'whep', url: server.whepUrl('cam') });
    await page.waitForFrames(10);
    await stopPublishing();
    await waitUntilOnline(false);
    await page.waitForFrames(10);
    expect(await page.timeMark()).toBeNull();
    publish();
    await waitUntilOnline(true);
    await waitUntil(
      () => page.timeMark(),
      (mark) => mark !== null,
      { what: 'the camera is shown again' },
    );
    expect(await page.state()).toMatchObject({ connects: 1, connectionState: 'connected', width: 640 });
    await page.close();
  });

  it('VLC plays HLS, and RTSP if supported', async () => {
    // VLC cannot play past the gaps at the start of a new low-latency playlist: wait until they are removed.
    await waitUntil(
      async () => {
        const index = await (await fetch(server.hlsUrl('cam'))).text();
        const media = /^(.*stream\.m3u8.*)$/m.exec(index)?.[1] ?? '';
        return (await fetch(new URL(media, server.hlsUrl('cam')))).text();
      },
      (playlist) => playlist.includes('#EXTINF') && !playlist.includes('#EXT-X-GAP'),
      { what: 'an HLS playlist without gaps', timeoutMs: 20_000, intervalMs: 500 },
    );
    const urls = [server.hlsUrl('cam'), ...((await vlcSupportsRtsp()) ? [server.rtspUrl('cam')] : [])];
    for (const url of urls) {
      const playback = await playWithVlc(url, 8);
      expect(playback.decodedFrames).toBeGreaterThan(25);
      expect(playback.images.length).toBeGreaterThan(0);
    }
  });
});
