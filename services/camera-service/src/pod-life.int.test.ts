import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import type { SimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import { startSimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import { jpegSize } from '@camplane/jpeg-tap/jpeg-size';
import { freePort } from '@camplane/testkit/free-port';
import { assertNoDescendants, descendantsOf } from '@camplane/testkit/processes';
import { followFrames } from '@camplane/testkit/read-stream';
import { clipCacheFolder } from '@camplane/testkit/temporary-folder';
import { waitUntil } from '@camplane/testkit/wait-until';
import { startServicePod } from './testing/service-pod.ts';
import type { ServicePod } from './testing/service-pod.ts';

jest.setTimeout(180_000);

/** The life of a camera's pod, step by step: each test continues from the state of the previous one. */
const id = 'front-door';
let camera: SimulatedCamera;
let pod: ServicePod;

function camerasFile(generation: number, change: object = {}): string {
  const one = { id, generation, source: { url: camera.url }, ...change };
  return JSON.stringify({ cameras: [one] });
}

const statusIs = (what: string, accept: (status: Awaited<ReturnType<ServicePod['status']>>) => boolean) =>
  waitUntil(() => pod.status(id), accept, { what, timeoutMs: 60_000 });

async function ffmpegPids(): Promise<number[]> {
  const processes = await descendantsOf(pod.pid);
  return processes.filter(({ command }) => command.includes('-rtsp_transport')).map(({ pid }) => pid);
}

beforeAll(async () => {
  camera = await startSimulatedCamera({
    ...{ content: { kind: 'pattern' }, codec: 'h264', width: 640, height: 360, fps: 25 },
    ...{ keyFrameIntervalSeconds: 1, port: 0, cacheFolder: clipCacheFolder() },
    credentials: { username: 'viewer', password: 'canary-1' },
  });
  pod = await startServicePod({
    cameras: camerasFile(7),
    hasMediaServer: true,
    // Nothing listens there.
    environment: { KAFKA_BROKERS: `127.0.0.1:${await freePort()}` },
  });
});
afterAll(async () => {
  await pod?.stop();
  await camera?.stop();
  await assertNoDescendants(process.pid);
});

describe('the pod of a camera', () => {
  it('is not ready while its Secret is missing, and reports the reason', async () => {
    const refused = await statusIs('a refusal', ({ reason }) => reason === 'CredentialsRefused');
    expect(refused.conditions.map(({ observedGeneration }) => observedGeneration)).toEqual(
      Array.from({ length: 6 }, () => 7),
    );
    const readiness = await pod.readiness();
    expect(readiness?.ready).toBe(false);
    expect(readiness?.checks).toContainEqual({
      name: 'cameras',
      ok: false,
      reason: expect.stringMatching(/^front-door: .*user name and password/),
    });
  });

  it('is ready once the Secret exists, although the broker is unreachable, which it reports', async () => {
    await pod.secret.put({ username: 'viewer', password: 'canary-1\n' });
    const isReady = (status: CameraStatus) =>
      status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
    const { video } = await statusIs('readable video', isReady);
    expect(video).toMatchObject({ codec: 'h264', width: 640, height: 360 });
    const readiness = await pod.readiness();
    expect(readiness?.ready).toBe(true);
    expect(readiness?.checks).toContainEqual({
      ...{ name: 'event bus', ok: false, advisory: true, reason: expect.any(String) },
    });
  });

  it('keeps its viewers while the credentials change', async () => {
    const viewing = new AbortController();
    let frames = 0;
    const viewer = followFrames(
      { url: pod.rtspUrl(id), pixelFormat: 'gray', width: 64, height: 36, timeoutMs: 20_000 },
      () => {
        frames += 1;
      },
      viewing.signal,
    );
    const ended = viewer.then(
      () => 'ended',
      (error: unknown) => String(error),
    );
    await waitUntil(
      () => frames,
      (seen) => seen > 10,
      { what: 'frames', timeoutMs: 30_000 },
    );
    await camera.setCredentials({ username: 'viewer', password: 'canary-2' });
    await statusIs('a refusal', ({ reason }) => reason === 'CredentialsRefused');
    const changedAt = performance.now();
    await pod.secret.put({ username: 'viewer', password: 'canary-2' });
    await statusIs('video', ({ phase }) => phase === 'RUNNING');
    expect(performance.now() - changedAt).toBeLessThan(15_000);
    const before = frames;
    await waitUntil(
      () => frames,
      (seen) => seen > before + 25,
      { what: 'more frames', timeoutMs: 30_000 },
    );
    viewing.abort();
    expect(await ended).toBe('ended');
  });

  it('keeps its process when only frames and detection change', async () => {
    const [before, pids] = [await pod.status(id), await ffmpegPids()];
    expect(pids.length).toBeGreaterThan(0);
    const change = { frames: { fps: 1, width: 320 }, detection: { minConfidence: 0.9 }, displayName: 'Door' };
    await pod.config.put({ 'cameras.json': camerasFile(8, change) });
    const after = await statusIs('the new generation', ({ conditions }) =>
      conditions.every(({ observedGeneration }) => observedGeneration === 8),
    );
    expect(after).toMatchObject({ phase: 'RUNNING', restarts: before.restarts });
    expect(await ffmpegPids()).toContain(pids[0]);
  });

  it('takes a snapshot without detection, and stops its decoder afterwards', async () => {
    await pod.config.put({ 'cameras.json': camerasFile(9, { detection: { enabled: false } }) });
    await statusIs('the new generation', ({ conditions }) =>
      conditions.every(({ observedGeneration }) => observedGeneration === 9),
    );
    await waitUntil(ffmpegPids, (pids) => pids.length === 1, { what: 'no tap', timeoutMs: 10_000 });
    // Detection requested 320 pixels: its last frame is current for 10 s.
    await waitUntil(
      async () => jpegSize(await pod.snapshot(id)),
      (size) => size?.width === 640,
      { what: 'a larger frame', timeoutMs: 30_000 },
    );
    await waitUntil(ffmpegPids, (pids) => pids.length === 1, { what: 'no tap', timeoutMs: 10_000 });
  });

  it('takes a snapshot in overlay mode without detection', async () => {
    const change = { video: { mode: 'overlay' }, detection: { enabled: false } };
    await pod.config.put({ 'cameras.json': camerasFile(10, change) });
    await statusIs(
      'overlay mode',
      ({ phase, conditions }) =>
        phase === 'RUNNING' && conditions.every(({ observedGeneration }) => observedGeneration === 10),
    );
    // The change of mode discarded the frames of copy mode.
    expect(jpegSize(await pod.snapshot(id))).toEqual({ width: 640, height: 360 });
  });

  it.each([
    ['is not JSON', () => '{'],
    ['is not valid', () => camerasFile(11, { frames: { fps: 'many' } })],
  ])('keeps running unchanged when its file %s', async (error, text) => {
    const before = await pod.status(id);
    await pod.config.put({ 'cameras.json': text() });
    await waitUntil(pod.log, (log) => log.includes(`the cameras file ${error}`), {
      ...{ what: 'a log line', timeoutMs: 30_000 },
    });
    expect(await pod.status(id)).toMatchObject({ phase: 'RUNNING', restarts: before.restarts });
    expect((await pod.readiness())?.ready).toBe(true);
  });

  it('never logs a password', () => {
    expect(pod.log()).not.toMatch(/canary/);
  });

  it('exits within 5 s after SIGTERM', async () => {
    const { code, afterMs } = await pod.end();
    expect(code).toBe(0);
    expect(afterMs).toBeLessThan(5_000);
  });
});

describe('a camera-service without cameras', () => {
  it.each([
    ['an empty file', '{"cameras": []}'],
    ['no file', null],
  ])('is ready to probe without MediaMTX: %s', async (_what, cameras) => {
    const prober = await startServicePod({ cameras, hasMediaServer: false });
    try {
      await waitUntil(prober.readiness, (seen) => seen?.ready === true, {
        ...{ what: 'readiness', timeoutMs: 30_000 },
      });
    } finally {
      await prober.stop();
    }
  });

  it('is not ready with an invalid file, and names the invalid field', async () => {
    const broken = await startServicePod({ cameras: '{"cameras": [{}]}', hasMediaServer: false });
    try {
      const seen = await waitUntil(
        broken.readiness,
        (readiness) =>
          readiness !== null &&
          readiness.checks.some(({ reason }) => reason?.includes('cameras.0.id') === true),
        { ...{ what: 'a named field', timeoutMs: 30_000 } },
      );
      expect(seen?.ready).toBe(false);
      expect(seen?.checks).toContainEqual({
        ...{ name: 'cameras file', ok: false, reason: expect.stringContaining('cameras.0.id') },
      });
    } finally {
      await broken.stop();
    }
  });
});
