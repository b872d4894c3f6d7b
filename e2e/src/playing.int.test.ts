import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { SimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import { startMultipartCamera } from '@camplane/camera-simulator/http/multipart-camera';
import { startChromium } from '@camplane/testkit/chromium';
import type { TestBrowser } from '@camplane/testkit/chromium';
import { playWithVlc, vlcSupportsRtsp } from '@camplane/testkit/play-with-vlc';
import { ffprobeStream, readFrames } from '@camplane/testkit/read-stream';
import { waitUntil } from '@camplane/testkit/wait-until';
import { clipCacheFolder } from '@camplane/testkit/temporary-folder';
import { cameraBody, startCamera } from './cameras.ts';
import { startCamplane } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';
import { openViewer } from './viewer.ts';

jest.setTimeout(90_000);

describe('a camera and its viewers', () => {
  let camplane: Camplane;
  let camera: SimulatedCamera;
  let browser: TestBrowser;

  beforeAll(async () => {
    [camplane, camera, browser] = await Promise.all([startCamplane(), startCamera(), startChromium()]);
    await camplane.createCamera(cameraBody('copied', camera));
    await camplane.waitForPhase('copied', 'RUNNING');
  });

  afterAll(async () => {
    await browser.close();
    await camplane.dispose();
    await camera.stop();
  });

  const browserPlayable = async (id: string) =>
    (await camplane.status(id)).conditions.find(({ type }) => type === 'BrowserPlayable');
  const isRefused = (condition: Awaited<ReturnType<typeof browserPlayable>>) =>
    condition?.status === 'False' && condition.reason === 'CodecNotPlayable';

  it('is copied unchanged, with codec, size and rate in the status', async () => {
    const { streams } = await ffprobeStream(`${camplane.rtspUrl}/copied`);
    expect(streams[0]).toMatchObject({ codec_name: 'h264' });
    const [frame] = await readFrames({ url: `${camplane.rtspUrl}/copied`, pixelFormat: 'gray', frames: 20 });
    expect(frame).toBeDefined();
    // The first measurements cover a fraction of a second.
    const status = await waitUntil(
      () => camplane.status('copied'),
      ({ video, conditions }) =>
        Math.abs((video?.fps ?? 0) - 15) < 3 && conditions.every((condition) => condition.status === 'True'),
      { what: 'a frame rate of about 15, and every condition True' },
    );
    expect(status.video).toMatchObject({ codec: 'h264', width: 640, height: 360 });
  });

  it('plays in Chromium over WebRTC and HLS, at the addresses in its status', async () => {
    const { endpoints } = await camplane.status('copied');
    const webrtc = await openViewer(browser, endpoints.webrtc);
    await webrtc.waitForFrames(30);
    const hls = await openViewer(browser, endpoints.hls.replace(/index\.m3u8$/, ''));
    await hls.waitForFrames(30);
    await waitUntil(
      () => camplane.status('copied'),
      ({ viewerCount, peerConnectionCount }) => peerConnectionCount === 1 && viewerCount >= 2,
      { what: 'one viewer over WebRTC and one over HLS' },
    );
    await Promise.all([webrtc.close(), hls.close()]);
  });

  it('plays in VLC', async () => {
    const { endpoints } = await camplane.status('copied');
    // Debian builds VLC without its RTSP module (bug 981439): use HLS there.
    if (await vlcSupportsRtsp()) {
      expect((await playWithVlc(endpoints.rtsp, 6)).decodedFrames).toBeGreaterThan(20);
      return;
    }
    // VLC cannot skip the gaps at the start of a fresh low-latency playlist: an earlier viewer lets them scroll out.
    const viewer = await openViewer(browser, endpoints.hls.replace(/index\.m3u8$/, ''));
    await viewer.waitForFrames(15 * 9, 30_000);
    const played = await playWithVlc(endpoints.hls, 8);
    await viewer.close();
    expect(played.decodedFrames).toBeGreaterThan(20);
  });

  it('provides a snapshot', async () => {
    const bytes = Buffer.from(await camplane.client.readSnapshot({ id: 'copied' }));
    expect(bytes.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
    expect(bytes.length).toBeGreaterThan(2000);
  });

  it('serves two viewers with one FFmpeg and one connection to the camera', async () => {
    const url = `${camplane.rtspUrl}/copied`;
    await Promise.all([
      readFrames({ url, pixelFormat: 'gray', seconds: 3 }),
      readFrames({ url, pixelFormat: 'gray', seconds: 3 }),
      camplane.ffmpegOf('copied').then((found) => expect(found).toHaveLength(1)),
    ]);
  });

  it('has black masks and a clock in overlay mode', async () => {
    const mask = {
      points: [
        { x: 0.5, y: 0.5 },
        { x: 0.9, y: 0.5 },
        { x: 0.9, y: 0.9 },
        { x: 0.5, y: 0.9 },
      ],
    };
    await camplane.createCamera(
      cameraBody('drawn', camera, {
        mode: 'overlay',
        overlay: { timestamp: true, boxes: false, privacyMasks: [mask] },
      }),
    );
    await camplane.createCamera(
      cameraBody('bare', camera, { mode: 'overlay', overlay: { timestamp: false, boxes: false } }),
    );
    await Promise.all([camplane.waitForPhase('drawn', 'RUNNING'), camplane.waitForPhase('bare', 'RUNNING')]);
    const read = (id: string) =>
      readFrames({
        url: `${camplane.rtspUrl}/${id}`,
        pixelFormat: 'gray',
        frames: 60,
        width: 640,
        height: 360,
      });
    const [drawn, bare] = await Promise.all([read('drawn'), read('bare')]);
    const last = drawn.at(-1);
    const other = bare.at(-1);
    if (!last || !other) throw new Error('read no frames');
    const maskArea = { left: 330, top: 190, width: 230, height: 120 };
    expect(meanOf(last.pixels, maskArea)).toBeLessThan(24);
    expect(meanOf(other.pixels, maskArea)).toBeGreaterThan(40);
    // The clock: white letters on a dark background that change every second.
    const early = drawn[20];
    if (!early) throw new Error('read too few frames');
    const snapshot = await camplane.send('readSnapshot', { id: 'drawn' });
    expect(snapshot.status).toBe(200);
    // The two cameras differ only in the line with time and name at the top.
    expect(brightShareOf(last.pixels, clockArea)).toBeGreaterThan(
      brightShareOf(other.pixels, clockArea) + 0.01,
    );
    expect(differing(early.pixels, last.pixels, clockArea)).toBeGreaterThan(20);
    await Promise.all([
      camplane.send('deleteCamera', { id: 'drawn' }),
      camplane.send('deleteCamera', { id: 'bare' }),
    ]);
  });

  it('with H.265 reports in copy mode that browsers cannot play it, and plays in transcode mode', async () => {
    const hevc = await startCamera({ codec: 'h265' });
    try {
      await camplane.createCamera(cameraBody('hevc', hevc));
      await camplane.waitForPhase('hevc', 'RUNNING');
      await waitUntil(() => browserPlayable('hevc'), isRefused, { what: 'a codec that is not playable' });
      const { streams } = await ffprobeStream(`${camplane.rtspUrl}/hevc`);
      expect(streams[0]?.codec_name).toBe('hevc');
      await camplane.createCamera(cameraBody('hevc-h264', hevc, { mode: 'transcode' }));
      const { endpoints } = await camplane.waitForPhase('hevc-h264', 'RUNNING');
      const viewer = await openViewer(browser, endpoints.webrtc);
      await viewer.waitForFrames(30, 30_000);
      await viewer.close();
    } finally {
      await camplane.send('deleteCamera', { id: 'hevc' });
      await camplane.send('deleteCamera', { id: 'hevc-h264' });
      await hevc.stop();
    }
  });

  it('with MJPEG over HTTP plays in transcode mode, and reports in copy mode that browsers cannot play it', async () => {
    const mjpeg = await startMultipartCamera({ size: [640, 360] }, { cacheFolder: clipCacheFolder() });
    try {
      await camplane.createCamera({ id: 'mjpeg', source: { url: mjpeg.url }, video: { mode: 'copy' } });
      await camplane.createCamera({
        id: 'mjpeg-h264',
        source: { url: mjpeg.url },
        video: { mode: 'transcode' },
      });
      const { endpoints } = await camplane.waitForPhase('mjpeg-h264', 'RUNNING');
      const viewer = await openViewer(browser, endpoints.webrtc);
      await viewer.waitForFrames(20, 30_000);
      await viewer.close();
      await camplane.waitForPhase('mjpeg', 'RUNNING');
      await waitUntil(() => browserPlayable('mjpeg'), isRefused, { what: 'a codec that is not playable' });
    } finally {
      await camplane.send('deleteCamera', { id: 'mjpeg' });
      await camplane.send('deleteCamera', { id: 'mjpeg-h264' });
      await mjpeg.stop();
    }
  });

  it('carries sound as Opus when enabled', async () => {
    const talking = await startCamera({ audio: 'aac' });
    try {
      await camplane.createCamera(cameraBody('talking', talking, { audio: { enabled: true } }));
      await camplane.waitForPhase('talking', 'RUNNING');
      const { streams } = await ffprobeStream(`${camplane.rtspUrl}/talking`);
      expect(streams.map((stream) => stream.codec_name).sort()).toEqual(['h264', 'opus']);
    } finally {
      await camplane.send('deleteCamera', { id: 'talking' });
      await talking.stop();
    }
  });

  it('carries sound in overlay mode, also after either FFmpeg is killed', async () => {
    const talking = await startCamera({ audio: 'aac' });
    const url = `${camplane.rtspUrl}/talking-drawn`;
    const bothAreThere = async () => {
      await camplane.waitForPhase('talking-drawn', 'RUNNING');
      const { streams } = await ffprobeStream(url);
      expect(streams.map((stream) => stream.codec_name).sort()).toEqual(['h264', 'opus']);
      const times = await soundTimes(url, 2);
      expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(1.5);
    };
    try {
      await camplane.createCamera(
        cameraBody('talking-drawn', talking, { mode: 'overlay', audio: { enabled: true } }),
      );
      await bothAreThere();
      for (const part of ['/sound-decoded', '/sound-timed']) {
        const { restarts } = await camplane.status('talking-drawn');
        const killed = (await camplane.processes()).find((info) => info.command.includes(part));
        if (!killed) throw new Error(`no FFmpeg with ${part}`);
        process.kill(killed.pid, 'SIGKILL');
        await waitUntil(
          () => camplane.status('talking-drawn'),
          (status) => status.restarts > restarts && status.phase === 'RUNNING',
          { what: 'running again', timeoutMs: 15_000 },
        );
        await bothAreThere();
      }
    } finally {
      await camplane.send('deleteCamera', { id: 'talking-drawn' });
      await talking.stop();
    }
  });

  it('has its password in no argument list and no log line', async () => {
    const processes = await camplane.processes();
    const text = `${processes.map((info) => info.command).join('\n')}\n${camplane.output()}`;
    expect(processes.length).toBeGreaterThan(1);
    expect(text).not.toContain('wörd');
    expect(text).not.toContain(encodeURIComponent('wörd'));
  });
});

/** Times of the sound packets received within that many seconds. */
async function soundTimes(url: string, seconds: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)(
    'ffprobe',
    [
      ...['-v', 'error', '-rtsp_transport', 'tcp', '-select_streams', 'a', '-read_intervals', `%+${seconds}`],
      ...['-show_entries', 'packet=pts_time', '-of', 'csv=p=0', url],
    ],
    { timeout: 20_000 },
  );
  return stdout
    .split('\n')
    .map((line) => Number.parseFloat(line))
    .filter(Number.isFinite);
}

/** Area of the clock. Without a running clock, the pattern's time mark would be visible there. */
const clockArea = { left: 8, top: 8, width: 200, height: 18 };

type Area = { left: number; top: number; width: number; height: number };

function meanOf(pixels: Uint8Array, area: Area): number {
  const values = valuesOf(pixels, area);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function valuesOf(pixels: Uint8Array, area: Area): number[] {
  const values: number[] = [];
  for (let y = area.top; y < area.top + area.height; y++) {
    for (let x = area.left; x < area.left + area.width; x++) values.push(pixels[y * 640 + x] ?? 0);
  }
  return values;
}

function brightShareOf(pixels: Uint8Array, area: Area): number {
  const values = valuesOf(pixels, area);
  return values.filter((value) => value > 180).length / values.length;
}

function differing(before: Uint8Array, after: Uint8Array, area: Area): number {
  const later = valuesOf(after, area);
  return valuesOf(before, area).filter((value, index) => Math.abs(value - (later[index] ?? 0)) > 60).length;
}
