import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mediaPath } from '@camplane/contracts/camera-id';
import type { JpegQuality } from '@camplane/contracts/jpeg-stream';
import { findFfmpeg } from '@camplane/ffmpeg/find-ffmpeg';
import { defaultFfmpegLimits } from '@camplane/ffmpeg/process-limits';
import { monotonicClock, wallClock } from '@camplane/runtime/clock';
import { createLogger } from '@camplane/service-kit/logging';
import { createMetrics } from '@camplane/service-kit/metrics';
import { descendantsOf } from '@camplane/testkit/processes';
import { publishPattern } from '@camplane/testkit/publish-pattern';
import { startTestRtspServer } from '@camplane/testkit/rtsp-server';
import type { TestRtspServer } from '@camplane/testkit/rtsp-server';
import { waitUntil } from '@camplane/testkit/wait-until';
import { createStreamMetrics } from '../stream-metrics.ts';
import { createCameraStream } from './camera-stream.ts';
import type { CameraStream } from './camera-stream.ts';
import type { VideoStatus } from './follow-status.ts';

jest.setTimeout(60_000);

const running: VideoStatus = {
  ...{ phase: 'RUNNING', isRunning: true, reason: 'FramesFlowing', message: '' },
  video: { codec: 'h264', width: 1280, height: 720 },
  sub: { status: 'True', reason: 'FramesFlowing' },
};
const mjpeg = ['-c:v', 'mjpeg', '-q:v', '3', '-pix_fmt', 'yuvj420p', '-huffman', 'default'];

let rtsp: TestRtspServer;
let ffmpegPath: string;
let status: VideoStatus | undefined;
let publishers: { stop(): Promise<void> }[] = [];
let stream: CameraStream;
let arrivalsMs: number[] = [];

beforeAll(async () => {
  ({ ffmpegPath } = await findFfmpeg({
    configured: undefined,
    configuredProbe: undefined,
    searchPath: process.env['PATH'] ?? '',
  }));
  rtsp = await startTestRtspServer({ login: null });
  publishers = await Promise.all([
    publishPattern({ port: rtsp.port, path: 'door', size: '640x480' }),
    publishPattern({ port: rtsp.port, path: 'door/sub', size: '320x240' }),
    publishPattern({ port: rtsp.port, path: 'yard', size: '640x480', rate: '20', codecArguments: mjpeg }),
  ]);
});
afterEach(() => stream.stop());
afterAll(async () => {
  await Promise.all(publishers.map((publisher) => publisher.stop()));
  await rtsp?.stop();
});

function start(cameraId: string, quality: JpegQuality): void {
  arrivalsMs = [];
  stream = createCameraStream(
    { cameraId, quality },
    {
      ...{ ffmpegPath, ffmpegLimits: defaultFfmpegLimits, clock: monotonicClock, wallClock },
      ...{ random: Math.random, framesMax: 5, status: () => status },
      log: createLogger({ service: 'stream-proxy', level: 'silent', format: 'json' }),
      metrics: createStreamMetrics(createMetrics('stream-proxy', { processMetrics: false })),
      readUrl: (id, source) => `rtsp://127.0.0.1:${rtsp.port}/${mediaPath(id, source)}`,
    },
  );
  stream.add({ onFrame: () => arrivalsMs.push(performance.now()), onState: () => {} });
}

const showsSize = (width: number, height: number) =>
  waitUntil(
    () => stream.latest(),
    (frame) => frame?.width === width && frame.height === height,
    { what: `a picture of ${width}×${height}`, timeoutMs: 20_000 },
  );

const tapCommand = async (): Promise<string> =>
  (await descendantsOf(process.pid)).find(({ command }) => command.includes('image2pipe'))?.command ?? '';

describe('low quality of a camera with a sub stream', () => {
  it('reads the sub stream without scaling it up, and the main stream once the sub stream fails', async () => {
    status = running;
    start('door', 'low');
    await showsSize(320, 240);
    expect(await tapCommand()).toContain('/door/sub');
    status = { ...running, sub: { status: 'False', reason: 'NotFound' } };
    stream.statusChanged();
    await showsSize(480, 360);
    // It stays with the main stream.
    status = running;
    stream.statusChanged();
    expect(await tapCommand()).not.toContain('/door/sub');
  });

  it('reads the main stream if the sub stream cannot be read', async () => {
    status = running;
    start('yard', 'low');
    await showsSize(480, 360);
    expect(stream.state()).toMatchObject({ state: 'live' });
  });
});

describe('an MJPEG camera', () => {
  it('is passed through without encoding where it fits, at the rate of the quality', async () => {
    status = { ...running, video: { codec: 'mjpeg', width: 640, height: 480 } };
    start('yard', 'medium');
    const frame = await showsSize(640, 480);
    expect(frame?.jpeg.subarray(0, 2).toString('hex')).toBe('ffd8');
    expect(await tapCommand()).toContain('-c:v copy');
    await waitUntil(
      () => arrivalsMs.length,
      (count) => count >= 21,
      { what: '21 pictures' },
    );
    // 20 per second are published, and the quality has 10.
    expect((arrivalsMs[20] ?? 0) - (arrivalsMs[0] ?? 0)).toBeGreaterThan(1700);
  });

  it('is encoded where it is too large', async () => {
    status = { ...running, video: { codec: 'mjpeg', width: 640, height: 480 }, sub: null };
    start('yard', 'low');
    await showsSize(480, 360);
    expect(await tapCommand()).toContain('-c:v mjpeg');
  });
});
