import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { defaultFfmpegLimits } from '@camplane/ffmpeg/process-limits';
import { publishPattern } from '@camplane/testkit/publish-pattern';
import { waitUntil } from '@camplane/testkit/wait-until';
import { startTestRtspServer } from '@camplane/testkit/rtsp-server';
import type { TestRtspServer } from '@camplane/testkit/rtsp-server';
import { initialReading, readingAfter } from './path-reading.ts';
import type { Published } from './path-reading.ts';
import { samplePath } from './sample-path.ts';

jest.setTimeout(90_000);

let server: TestRtspServer;
beforeAll(async () => {
  server = await startTestRtspServer({ login: null });
});
afterAll(async () => {
  await server?.stop();
});

const x264 = (parameters: string, pixelFormat = 'yuv420p') => [
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', pixelFormat],
  ...['-x264-params', `scenecut=0:sync-lookahead=0:sliced-threads=1:${parameters}`],
];
const mjpeg = ['-c:v', 'mjpeg', '-huffman', 'default', '-pix_fmt', 'yuvj420p'];

type Video = { size?: string; rate?: string; codec?: string; codecArguments: string[] };

/** Publishes a pattern, samples it, and returns what is known afterwards. */
async function readingOf(name: string, { size = '320x180', rate, codec = 'h264', codecArguments }: Video) {
  const { port } = server;
  const publisher = await publishPattern({
    ...{ port, path: name, size, codecArguments },
    ...(rate === undefined ? {} : { rate }),
  });
  const [width = 0, height = 0] = size.split('x').map(Number);
  const published: Published = { codec, size: { width, height }, isCopied: true, hasFrames: false };
  try {
    const sample = await samplePath(
      {
        ...{ url: `rtsp://127.0.0.1:${port}/${name}`, codec },
        ...{ countsPictures: codec === 'h264', timeoutMs: 30_000, settleMs: 2500, picturesEnough: 8 },
      },
      { ffmpegPath: 'ffmpeg', ffmpegLimits: defaultFfmpegLimits, signal: new AbortController().signal },
    );
    const { isReadable, browser, misses } = readingAfter(
      initialReading,
      { type: 'sampled', sample, published },
      0,
    );
    return { isReadable, ...browser, misses };
  } finally {
    await publisher.stop();
  }
}

const playable = {
  ...{ isReadable: true, misses: 0 },
  ...{ hasBFrames: false, hasKeyFrames: true, pixelFormat: 'yuv420p' },
};

describe('a sample of a published path', () => {
  it.each<[string, Video, object]>([
    ['plain', { codecArguments: x264('keyint=10:bframes=0') }, playable],
    ['slow', { rate: '2', codecArguments: x264('keyint=4:bframes=0') }, playable],
    ['very-slow', { rate: '1/3', codecArguments: x264('keyint=1:bframes=0') }, { isReadable: true }],
    [
      'b-frames',
      { codecArguments: x264('keyint=10:bframes=3:b-adapt=0') },
      { ...playable, hasBFrames: true },
    ],
    [
      'full-chroma',
      { codecArguments: x264('keyint=10:bframes=0', 'yuv444p') },
      { ...playable, pixelFormat: 'yuv444p' },
    ],
    [
      'ten-bits',
      { codecArguments: x264('keyint=10:bframes=0', 'yuv420p10le') },
      { ...playable, pixelFormat: 'yuv420p10le' },
    ],
    ['mjpeg', { codec: 'mjpeg', codecArguments: mjpeg }, { isReadable: true, pixelFormat: 'yuvj420p' }],
    [
      'large-mjpeg',
      { codec: 'mjpeg', size: '2560x1440', codecArguments: mjpeg },
      { isReadable: null, misses: 1 },
    ],
    [
      'h265',
      {
        codec: 'h265',
        codecArguments: [
          '-c:v',
          'libx265',
          '-preset',
          'ultrafast',
          '-x265-params',
          'keyint=10:log-level=none',
        ],
      },
      { isReadable: true },
    ],
  ])('sees a %s stream', async (name, video, expected) => {
    expect(await readingOf(name, video)).toMatchObject(expected);
  });

  it('sees intra refresh, which decodes but has no key frames', async () => {
    const intraRefresh = x264('keyint=20:intra-refresh=1:bframes=0');
    const publisher = await publishPattern({
      ...{ port: server.port, path: 'refresh', size: '320x180', codecArguments: intraRefresh },
    });
    try {
      const request = { url: `rtsp://127.0.0.1:${server.port}/refresh`, codec: 'h264' };
      // The encoder starts with a key frame, which the first sample may see.
      const sample = await waitUntil(
        () =>
          samplePath(
            { ...request, countsPictures: true, timeoutMs: 30_000, settleMs: 2500, picturesEnough: 8 },
            { ffmpegPath: 'ffmpeg', ffmpegLimits: defaultFfmpegLimits, signal: new AbortController().signal },
          ),
        ({ received }) => received?.keyFrames === 0,
        { what: 'a sample without a key frame', timeoutMs: 35_000 },
      );
      expect(sample.decoded).toBeGreaterThan(3);
      expect(sample.received).toMatchObject({ keyFrames: 0, bFrames: 0 });
    } finally {
      await publisher.stop();
    }
  });

  it('ends with a missing path', async () => {
    const request = { url: `rtsp://127.0.0.1:${server.port}/nothing`, codec: 'h264' };
    const sample = await samplePath(
      { ...request, countsPictures: true, timeoutMs: 30_000, settleMs: 2500, picturesEnough: 8 },
      { ffmpegPath: 'ffmpeg', ffmpegLimits: defaultFfmpegLimits, signal: new AbortController().signal },
    );
    expect(sample).toMatchObject({ decoded: 0, ending: 'failed' });
  });
});
