import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventsUrl } from '@camplane/api-client/operation-url';
import { startDeviatingCamera } from '@camplane/camera-simulator/rtsp/deviating-camera';
import type { RtspDeviation } from '@camplane/camera-simulator/rtsp/deviation';
import type { SimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import { freePort } from '@camplane/testkit/free-port';
import { readFrames } from '@camplane/testkit/read-stream';
import { clipCacheFolder } from '@camplane/testkit/temporary-folder';
import { waitUntil } from '@camplane/testkit/wait-until';
import { cameraBody, credentials, startCamera } from './cameras.ts';
import { startWire } from './wire.ts';
import { startCamplane } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';

jest.setTimeout(90_000);

const refusals: [RtspDeviation, string][] = [
  [{ login: { username: 'viewer', password: 'other', schemes: ['basic'] } }, 'CredentialsRefused'],
  [{ refusals: [{ method: '*', status: 404 }] }, 'NotFound'],
  [{ refusals: [{ method: '*', status: 453 }] }, 'TooManyConnections'],
  [{ redirectsTo: '' }, 'Redirected'],
  [{ speaks: 'garbage' }, 'InvalidData'],
  [{ speaks: 'nothing' }, 'TimedOut'],
  [{ pace: { silent: true } }, 'NoFirstFrame'],
];

describe('the lifecycle of a camera', () => {
  let camplane: Camplane;
  let camera: SimulatedCamera;
  /** By reason. Cameras wait up to 30 s before they report: they wait beside the other tests. */
  const reports = new Map<string, Promise<void>>();

  beforeAll(async () => {
    [camplane, camera] = await Promise.all([startCamplane(), startCamera()]);
    for (const [deviation, reason] of refusals) {
      const report = expectReport(camplane, deviation, reason);
      report.catch(() => undefined);
      reports.set(reason, report);
    }
  });

  afterAll(async () => {
    await Promise.allSettled(reports.values());
    await camplane.dispose();
    await camera.stop();
  });

  it('is restarted by a change of its stream, and takes frames at the new rate', async () => {
    const id = 'pipeline';
    const rtspUrl = (pattern: string) => `test:${pattern}`;
    const created = await camplane.send('createStream', {
      body: { id, rtspUrl: rtspUrl('testsrc2'), fps: 2 },
    });
    expect(created.status).toBe(201);
    /** Process ids of the FFmpegs of the video and of the frames, which are selected `spacing` seconds apart. */
    const running = (spacing: string, before: readonly (number | undefined)[] = []) =>
      waitUntil(
        async () => {
          const [video] = await camplane.ffmpegOf(id);
          const ofFrames = (await camplane.processes()).find(
            ({ command }) => command.includes(`/${id}?`) && command.includes(`prev_selected_t,${spacing})`),
          );
          return [video?.pid, ofFrames?.pid];
        },
        (pids) => pids.every((pid) => pid !== undefined && !before.includes(pid)),
        { what: `new FFmpegs of the video, and of frames ${spacing} s apart`, timeoutMs: 30_000 },
      );
    const before = await running('0.450');
    const changed = await camplane.send('updateStream', {
      ...{ id, body: { rtspUrl: rtspUrl('testsrc'), fps: 4 } },
    });
    expect([changed.status, changed.body]).toMatchObject([200, { fps: 4, rtspUrl: rtspUrl('testsrc') }]);
    await running('0.225', before);
    await camplane.waitForPhase(id, 'RUNNING');
    expect((await camplane.send('deleteStream', { id })).status).toBe(204);
  });

  it('on demand starts with its first reader and stops idleSeconds after the last one left', async () => {
    await camplane.createCamera(
      cameraBody('gate', camera, { lifecycle: { start: 'OnDemand', idleSeconds: 3 } }),
    );
    await camplane.waitForPhase('gate', 'IDLE');
    expect(await camplane.ffmpegOf('gate')).toHaveLength(0);
    const reading = readFrames({
      url: `${camplane.rtspUrl}/gate`,
      pixelFormat: 'gray',
      seconds: 5,
      width: 640,
      height: 360,
    });
    await camplane.waitForPhase('gate', 'RUNNING', 10_000);
    const frames = await reading;
    expect(frames.length).toBeGreaterThan(15);
    const leftMs = performance.now();
    await camplane.waitForPhase('gate', 'IDLE', 15_000);
    expect(performance.now() - leftMs).toBeGreaterThan(2500);
    await waitUntil(
      () => camplane.ffmpegOf('gate'),
      (found) => found.length === 0,
      { what: 'no FFmpeg left' },
    );
  });

  it('on demand stops after the last HLS request, not when MediaMTX drops the viewer', async () => {
    await camplane.createCamera(
      cameraBody('yard', camera, { lifecycle: { start: 'OnDemand', idleSeconds: 3 } }),
    );
    const { endpoints } = await camplane.waitForPhase('yard', 'IDLE');
    const reading = readFrames({
      url: endpoints.hls,
      pixelFormat: 'gray',
      seconds: 5,
      width: 640,
      height: 360,
    });
    await camplane.waitForPhase('yard', 'RUNNING', 15_000);
    await reading;
    const leftMs = performance.now();
    await camplane.waitForPhase('yard', 'IDLE', 40_000);
    const idleMs = performance.now() - leftMs;
    // 15 s, the time a player may take between two requests, and 3 s of idleness. MediaMTX lists a viewer for 33 s: with
    // these it would take 36 s.
    expect(idleMs).toBeGreaterThan(8000);
    expect(idleMs).toBeLessThan(33_000);
    await camplane.send('deleteCamera', { id: 'yard' });
  });

  it('starts when a camera that was missing at creation appears', async () => {
    const port = await freePort();
    await camplane.createCamera(cameraBody('late', { url: `rtsp://127.0.0.1:${port}/stream1` }));
    await waitUntil(
      () => camplane.status('late'),
      (status) => status.reason === 'ConnectionRefused',
      { what: 'the reason' },
    );
    await camplane.waitForPhase('late', 'ERROR', 20_000);
    const late = await startCamera({ port });
    try {
      await camplane.waitForPhase('late', 'RUNNING', 15_000);
    } finally {
      await camplane.send('deleteCamera', { id: 'late' });
      await late.stop();
    }
  });

  it('is latched by a refused login and rarely retried until the password is corrected', async () => {
    const wrong = cameraBody('locked', camera);
    await camplane.createCamera({
      ...wrong,
      source: { url: camera.url, credentials: { ...credentials, password: 'wrong' } },
    });
    const refused = await camplane.waitForPhase('locked', 'ERROR');
    expect(refused.reason).toBe('CredentialsRefused');
    // The next attempt is minutes away.
    expect(Date.parse(refused.nextAttemptTime ?? '') - Date.now()).toBeGreaterThan(120_000);
    const { id: _id, ...corrected } = cameraBody('locked', camera);
    const answer = await camplane.send('replaceCamera', { id: 'locked', body: corrected });
    expect(answer.status).toBe(200);
    await camplane.waitForPhase('locked', 'RUNNING', 10_000);
  });

  it.each(refusals)(
    'reports why a camera with %j has no video, and does not hammer it',
    async (_, reason) => {
      await reports.get(reason);
    },
  );

  it('restarts when it sends garbage instead of video', async () => {
    const wire = await startWire(camera.port);
    try {
      await camplane.createCamera(
        cameraBody('noisy', { url: camera.url.replace(/:\d+\//, `:${wire.port}/`) }),
      );
      await camplane.waitForPhase('noisy', 'RUNNING');
      const connections = wire.connections();
      wire.garble();
      const garbledMs = performance.now();
      await waitUntil(wire.connections, (now) => now > connections, {
        what: 'a new start',
        timeoutMs: 15_000,
      });
      // The promise is detection within 5 s and a restart 1 s later (F2); this machine also runs other tests.
      expect(performance.now() - garbledMs).toBeLessThan(10_000);
      const status = await waitUntil(
        () => camplane.status('noisy'),
        // Codec and size are known shortly after the first frame.
        (seen) => seen.phase === 'RUNNING' && seen.restarts > 0 && seen.video !== null,
        { what: 'live again', timeoutMs: 20_000 },
      );
      expect(status.video).toMatchObject({ codec: 'h264', width: 640 });
    } finally {
      await camplane.send('deleteCamera', { id: 'noisy' });
      await wire.stop();
    }
  });

  it('reports a changed codec, size and rate', async () => {
    const changing = await startCamera();
    try {
      await camplane.createCamera(cameraBody('changing', changing));
      await waitUntil(
        () => camplane.status('changing'),
        ({ video }) => video?.codec === 'h264' && (video.fps ?? 0) > 12,
        { what: 'the original properties', timeoutMs: 20_000 },
      );
      await changing.changeClip({ codec: 'h265', width: 800, height: 448, fps: 5 });
      const changedMs = performance.now();
      const { conditions } = await waitUntil(
        () => camplane.status('changing'),
        ({ phase, video }) =>
          phase === 'RUNNING' &&
          video?.codec === 'h265' &&
          video.width === 800 &&
          // In the first second alone, one frame is a large error.
          Math.abs((video.fps ?? 0) - 5) <= 2,
        { what: 'the changed properties', timeoutMs: 20_000, intervalMs: 20 },
      );
      // The promise is 5 s (F5); this machine also runs other tests.
      expect(performance.now() - changedMs).toBeLessThan(10_000);
      expect(conditions.find((condition) => condition.type === 'BrowserPlayable')?.status).toBe('False');
    } finally {
      await camplane.send('deleteCamera', { id: 'changing' });
      await changing.stop();
    }
  });

  it('stops, starts and is deleted on request, leaving no process', async () => {
    await camplane.createCamera(cameraBody('commanded', camera));
    await camplane.waitForPhase('commanded', 'RUNNING');
    await camplane.send('stopCamera', { id: 'commanded' });
    await camplane.waitForPhase('commanded', 'STOPPED');
    expect(await camplane.ffmpegOf('commanded')).toHaveLength(0);
    await camplane.send('startCamera', { id: 'commanded' });
    await camplane.waitForPhase('commanded', 'RUNNING');
    expect((await camplane.send('deleteCamera', { id: 'commanded' })).status).toBe(204);
    await waitUntil(
      () => camplane.processes(),
      (processes) => processes.every((info) => !info.command.includes('/commanded')),
      { what: 'no process of the camera' },
    );
    expect((await camplane.send('readCamera', { id: 'commanded' })).status).toBe(404);
  });

  it('reports its lifecycle over the WebSocket', async () => {
    const events: { type: string; cameraId?: string; status?: { phase: string } }[] = [];
    const socket = new WebSocket(eventsUrl(camplane.url, { cameraId: ['watched'] }));
    socket.addEventListener('message', (event) => {
      events.push(JSON.parse(String(event.data)) as (typeof events)[number]);
    });
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    await camplane.createCamera(cameraBody('watched', camera));
    await waitUntil(
      () => events,
      (seen) => seen.some((event) => event.status?.phase === 'RUNNING'),
      { what: 'the event' },
    );
    await waitUntil(
      () => events,
      (seen) => seen.some((event) => event.type === 'stream:heartbeat'),
      { what: 'a heartbeat', timeoutMs: 15_000 },
    );
    await camplane.send('deleteCamera', { id: 'watched' });
    await waitUntil(
      () => events,
      (seen) => seen.some((event) => event.type === 'stream:removed'),
      { what: 'the removal' },
    );
    expect(events.filter((event) => event.cameraId !== undefined && event.cameraId !== 'watched')).toEqual(
      [],
    );
    socket.close();
  });
});

async function expectReport(camplane: Camplane, deviation: RtspDeviation, reason: string): Promise<void> {
  const faulty = await startDeviatingCamera({ deviation, cacheFolder: clipCacheFolder() });
  const id = `faulty-${reason.toLowerCase()}`;
  try {
    await camplane.createCamera({ id, source: { url: faulty.url } });
    const status = await waitUntil(
      () => camplane.status(id),
      (seen) => seen.reason === reason,
      { what: reason, timeoutMs: 45_000 },
    );
    expect(status.message.length).toBeGreaterThan(20);
    expect(status.conditions.find((condition) => condition.type === 'Ready')).toMatchObject({
      status: 'False',
      reason,
    });
    expect(faulty.connections()).toBeLessThanOrEqual(6);
  } finally {
    await camplane.send('deleteCamera', { id });
    await faulty.stop();
  }
}
