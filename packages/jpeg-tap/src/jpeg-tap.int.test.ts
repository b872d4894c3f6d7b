import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { defaultFfmpegLimits } from '@camplane/ffmpeg/process-limits';
import { monotonicClock, wallClock } from '@camplane/runtime/clock';
import { publishPattern } from '@camplane/testkit/publish-pattern';
import { startTestRtspServer } from '@camplane/testkit/rtsp-server';
import type { TestRtspServer } from '@camplane/testkit/rtsp-server';
import { waitUntil } from '@camplane/testkit/wait-until';
import { createJpegTap } from './jpeg-tap.ts';

jest.setTimeout(120_000);

let server: TestRtspServer;
beforeAll(async () => {
  server = await startTestRtspServer({ login: null });
});
afterAll(async () => {
  await server?.stop();
});

const x264 = (interval: number, parameters = '') => [
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'],
  ...['-g', String(interval), '-x264-params', `bframes=0:scenecut=0${parameters}`],
];

/** Publishes a stream, and waits for frames of a tap that requests two a second. */
async function takeFrames(name: string, rate: string, codecArguments: readonly string[], count: number) {
  const publisher = await publishPattern({
    ...{ port: server.port, size: '320x180', path: name, rate, codecArguments },
  });
  let frames = 0;
  const tap = createJpegTap(
    { name, url: () => `rtsp://127.0.0.1:${server.port}/${name}`, onFrame: () => (frames += 1) },
    {
      ...{
        ffmpegPath: 'ffmpeg',
        ffmpegLimits: defaultFfmpegLimits,
        clock: monotonicClock,
        wallClock,
        random: Math.random,
      },
      log: { debug: () => undefined },
    },
  );
  try {
    tap.configure({ fps: 2, width: 320, quality: 80, keyFramesOnly: false });
    await waitUntil(
      () => frames,
      (seen) => seen >= count,
      { what: `${count} frames of ${name}`, timeoutMs: 60_000 },
    );
    expect(tap.failure()).toBeNull();
  } finally {
    await tap.stop();
    await publisher.stop();
  }
}

describe('a JPEG tap of a real stream', () => {
  it.each([
    ['2 fps', '2', x264(4), 3],
    ['a frame in three seconds', '1/3', x264(1), 2],
    ['a key frame in ten seconds', '2', x264(20), 3],
    ['intra refresh, without key frames', '10', x264(30, ':intra-refresh=1'), 3],
  ])('delivers frames of %s', async (what, rate, codecArguments, count) => {
    await takeFrames(what.replaceAll(/[^a-z0-9]/g, '-'), rate, codecArguments, count);
  });
});
