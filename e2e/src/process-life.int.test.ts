import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, jest } from '@jest/globals';
import { startPostgres } from '@camplane/testkit/postgres';
import { processesWith } from '@camplane/testkit/processes';
import { readFrames } from '@camplane/testkit/read-stream';
import { waitUntil } from '@camplane/testkit/wait-until';
import { cameraBody, startCamera } from './cameras.ts';
import { startCamplane } from '@camplane/testkit/camplane';

jest.setTimeout(180_000);

/** Every process of a run has its folder in its arguments or publishes to its ports. */
async function expectNothingLeft(camplane: { dataFolder: string; rtspUrl: string }): Promise<void> {
  await waitUntil(
    async () => [...(await processesWith(camplane.dataFolder)), ...(await processesWith(camplane.rtspUrl))],
    (left) => left.length === 0,
    { what: 'no processes', timeoutMs: 3000 },
  );
}

describe('the process', () => {
  it('keeps its cameras across a restart, exits within five seconds of SIGTERM and leaves nothing behind', async () => {
    const camera = await startCamera();
    const first = await startCamplane();
    try {
      await first.createCamera(cameraBody('kept', camera, { mode: 'overlay' }));
      await first.waitForPhase('kept', 'RUNNING');
      const ended = await first.stop();
      expect(ended.code).toBe(0);
      expect(ended.ms).toBeLessThan(5000);
      await expectNothingLeft(first);
      const second = await startCamplane({ dataFolder: first.dataFolder });
      await second.waitForPhase('kept', 'RUNNING');
      await second.stop('SIGKILL');
      // The kernel kills the children of a killed process.
      await expectNothingLeft(second);
      const third = await startCamplane({ dataFolder: first.dataFolder });
      await third.waitForPhase('kept', 'RUNNING');
      await third.dispose();
      await expectNothingLeft(third);
    } finally {
      await first.stop('SIGKILL');
      await camera.stop();
    }
  });

  it('exits cleanly on an early signal, and starts again afterwards', async () => {
    const dataFolder = await mkdtemp(join(tmpdir(), 'camplane-e2e-'));
    // A fixed sequence over the whole start-up, 0 to about 3 s.
    for (let attempt = 0; attempt < 12; attempt++) {
      const camplane = await startCamplane({
        dataFolder,
        waitForReady: false,
        environment: { DEMO_CAMERA: 'on' },
      });
      await delay(attempt * 250);
      const ended = await camplane.stop();
      // Before Node has installed its handlers the signal kills it.
      expect(ended.code === 0 || ended.signal === 'SIGTERM').toBe(true);
      expect(ended.ms).toBeLessThan(5500);
      await expectNothingLeft(camplane);
    }
    const last = await startCamplane({ dataFolder });
    await last.dispose();
    await rm(dataFolder, { recursive: true, force: true });
  });

  it('names a port in use, with the variable to set, and leaves nothing behind', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const { port } = blocker.address() as { port: number };
    for (const variable of ['HTTP_PORT', 'RTSP_PORT', 'CAMERA_SERVICE_PORT']) {
      const camplane = await startCamplane({
        environment: { [variable]: String(port) },
        waitForReady: false,
      });
      await waitUntil(
        () => camplane.output(),
        (text) => text.includes(variable),
        { what: `${variable} named`, timeoutMs: 20_000 },
      );
      expect(camplane.output()).toContain(`port ${port}`);
      expect(await camplane.ended()).toBe(1);
      await expectNothingLeft(camplane);
      await rm(camplane.dataFolder, { recursive: true, force: true });
    }
    blocker.close();
  });

  it('refuses a misspelt or bad setting by name', async () => {
    const camplane = await startCamplane({
      environment: { HTTP_PORT: 'eighty', CAMPLANE_MAX_CAMERA: '5' },
      waitForReady: false,
    });
    await waitUntil(
      () => camplane.output(),
      (text) => text.includes('CAMPLANE_MAX_CAMERAS'),
      { what: 'the hint' },
    );
    expect(camplane.output()).toContain('HTTP_PORT');
    expect(await camplane.ended()).toBe(1);
    await rm(camplane.dataFolder, { recursive: true, force: true });
  });

  it('keeps its cameras in PostgreSQL, and streams video while the database is down', async () => {
    const [postgres, camera] = await Promise.all([startPostgres(), startCamera()]);
    const camplane = await startCamplane({ environment: { DATABASE_URL: postgres.url } });
    try {
      await camplane.createCamera(cameraBody('kept', camera));
      await camplane.waitForPhase('kept', 'RUNNING');
      const pids = (await camplane.ffmpegOf('kept')).map((info) => info.pid);
      await postgres.kill();
      const answer = await camplane.send('replaceCamera', {
        id: 'kept',
        body: {
          source: { url: 'test:testsrc2' },
        },
      });
      expect(answer.status).toBe(503);
      expect((answer.body as { code: string }).code).toBe('store-unavailable');
      const frames = await readFrames({
        ...{ url: `${camplane.rtspUrl}/kept`, pixelFormat: 'gray', frames: 30 },
        ...{ width: 64, height: 36 },
      });
      expect(frames).toHaveLength(30);
      expect((await camplane.ffmpegOf('kept')).map((info) => info.pid)).toEqual(pids);
    } finally {
      await camplane.dispose();
      await camera.stop();
      await postgres.stop();
    }
  });

  it('runs the demonstration camera, and does not recreate it after deletion', async () => {
    const first = await startCamplane({ environment: { DEMO_CAMERA: 'on' } });
    await waitUntil(
      () => first.status('demo'),
      ({ phase, conditions }) => phase === 'RUNNING' && conditions.every(({ status }) => status === 'True'),
      { what: 'every condition of the demonstration camera True', timeoutMs: 60_000 },
    );
    await first.stop();
    const second = await startCamplane({ dataFolder: first.dataFolder, environment: { DEMO_CAMERA: 'on' } });
    await second.waitForPhase('demo', 'RUNNING', 30_000);
    await second.send('deleteCamera', { id: 'demo' });
    await second.stop();
    const third = await startCamplane({ dataFolder: first.dataFolder, environment: { DEMO_CAMERA: 'on' } });
    expect((await third.send('readCamera', { id: 'demo' })).status).toBe(404);
    await third.dispose();
  });
});
