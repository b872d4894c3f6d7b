import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { SimulatedCamera, SimulatedCameraOptions } from '@camplane/camera-simulator/simulated-camera';
import { startSimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import { findFootage } from '@camplane/camera-simulator/footage';
import { readTimeMark } from '@camplane/camera-simulator/time-mark';
import { assertNoDescendants, isAlive } from './processes.ts';
import { ffprobeStream, followFrames, readFrames } from './read-stream.ts';
import { clipCacheFolder } from './temporary-folder.ts';
import { waitUntil } from './wait-until.ts';

jest.setTimeout(60_000);

const ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
  await assertNoDescendants(process.pid);
});

async function startCamera(change: Partial<SimulatedCameraOptions> = {}): Promise<SimulatedCamera> {
  const camera = await startSimulatedCamera({
    content: { kind: 'pattern' },
    codec: 'h264',
    width: 640,
    height: 360,
    fps: 25,
    keyFrameIntervalSeconds: 1,
    credentials: { username: 'viewer', password: 'secret' },
    port: 0,
    cacheFolder: clipCacheFolder(),
    ...change,
  });
  ending.push(() => camera.stop());
  return camera;
}

const withLogin = (url: string, username = 'viewer', password = 'secret') =>
  url.replace('//', `//${encodeURIComponent(username)}:${encodeURIComponent(password)}@`);

describe('simulated camera', () => {
  it.each([
    ['h264', 'h264'],
    ['h265', 'hevc'],
    ['mjpeg', 'mjpeg'],
  ] as const)('plays %s only with the password', async (codec, name) => {
    const camera = await startCamera({ codec });
    expect((await ffprobeStream(withLogin(camera.url))).streams).toMatchObject([
      { codec_name: name, width: 640, height: 360 },
    ]);
    await expect(ffprobeStream(withLogin(camera.url, 'viewer', 'wrong'))).rejects.toThrow('401');
    await expect(ffprobeStream(camera.url)).rejects.toThrow('401');
  });

  it('marks each frame with an ascending index', async () => {
    const camera = await startCamera();
    const frames = await readFrames({
      url: withLogin(camera.url),
      frames: 50,
      pixelFormat: 'gray',
      width: 320,
      height: 180,
    });
    const marks = frames.map((frame) => readTimeMark(frame.pixels, frame.width, frame.height));
    const first = marks[0] ?? -1;
    expect(first).toBeGreaterThanOrEqual(0);
    expect(marks).toEqual(marks.map((_, i) => (first + i) % 250));
  });

  it('sends no frame while frozen and continues after it', async () => {
    const camera = await startCamera();
    let count = 0;
    const end = new AbortController();
    const reading = followFrames(
      { url: withLogin(camera.url), pixelFormat: 'gray', width: 320, height: 180 },
      () => (count += 1),
      end.signal,
    );
    ending.push(async () => {
      end.abort();
      await reading;
    });
    await waitUntil(
      () => count,
      (seen) => seen > 10,
      { what: 'frames' },
    );
    camera.freeze();
    // Frames in flight still arrive; then there must be a second without frames.
    let last = { count: -1, atMs: 0 };
    await waitUntil(
      () => {
        if (count !== last.count) last = { count, atMs: performance.now() };
        return performance.now() - last.atMs;
      },
      (quietMs) => quietMs > 1000,
      { what: 'a second without frames', timeoutMs: 4000 },
    );
    camera.thaw();
    await waitUntil(
      () => count,
      (seen) => seen > last.count + 10,
      { what: 'frames again' },
    );
  });

  it('leaves nothing behind when it vanishes, and returns on the same port', async () => {
    const camera = await startCamera();
    const { server, publisher } = camera.pids();
    const { url } = camera;
    await camera.vanish();
    expect([await isAlive(server ?? 0), await isAlive(publisher ?? 0)]).toEqual([false, false]);
    await expect(ffprobeStream(withLogin(url))).rejects.toThrow('refused');
    await camera.comeBack();
    expect(camera.url).toBe(url);
    expect((await ffprobeStream(withLogin(url))).streams).toHaveLength(1);
  });

  it.each(['publisher', 'server'] as const)('recovers after its %s was killed', async (which) => {
    const camera = await startCamera();
    const before = camera.pids()[which];
    process.kill(before ?? 0, 'SIGKILL');
    await waitUntil(
      () => camera.pids()[which],
      (pid) => pid !== null && pid !== before,
      { what: 'another process' },
    );
    await waitUntil(
      () => ffprobeStream(withLogin(camera.url)),
      () => true,
      { what: 'video again' },
    );
  });

  it('changes its size and its codec', async () => {
    const camera = await startCamera();
    await camera.changeClip({ width: 320, height: 240 });
    expect((await ffprobeStream(withLogin(camera.url))).streams).toMatchObject([{ width: 320, height: 240 }]);
    await camera.changeClip({ codec: 'h265' });
    expect((await ffprobeStream(withLogin(camera.url))).streams).toMatchObject([{ codec_name: 'hevc' }]);
  });

  it('changes its login, also to one that must be encoded', async () => {
    const camera = await startCamera();
    await camera.setCredentials({ username: 'o p', password: `it's /%&?#@ "so"` });
    await expect(ffprobeStream(withLogin(camera.url))).rejects.toThrow('401');
    const url = withLogin(camera.url, 'o p', `it's /%&?#@ "so"`);
    expect((await ffprobeStream(url)).streams).toHaveLength(1);
  });

  it('has B-frames and audio on request', async () => {
    const camera = await startCamera({ bFrames: 2, audio: 'pcmu' });
    const { streams } = await ffprobeStream(withLogin(camera.url));
    expect(streams.map((stream) => stream.codec_name).sort()).toEqual(['h264', 'pcm_mulaw']);
    expect(streams.find((stream) => stream.codec_type === 'video')?.has_b_frames).toBeGreaterThan(0);
  });

  it('plays over UDP too', async () => {
    const camera = await startCamera({ credentials: null });
    const frames = await readFrames({
      url: camera.url,
      transport: 'udp',
      frames: 5,
      pixelFormat: 'gray',
      width: 64,
      height: 36,
    });
    expect(frames).toHaveLength(5);
  });

  it('plays footage', async () => {
    const file = await findFootage();
    if (file === null) throw new Error("the footage is not installed: run 'make setup-test'");
    const camera = await startCamera({
      content: { kind: 'footage', file },
      width: 768,
      height: 576,
      fps: 10,
    });
    const frames = await readFrames({ url: withLogin(camera.url), frames: 3, pixelFormat: 'gray' });
    expect(frames.map(({ width, height }) => [width, height])).toEqual(Array(3).fill([768, 576]));
  });
});
