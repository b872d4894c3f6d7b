import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { zooRows } from '@camplane/camera-simulator/zoo/camera-zoo';
import { startZooCamera } from '@camplane/camera-simulator/zoo/zoo-camera';
import type { RunningZooCamera } from '@camplane/camera-simulator/zoo/zoo-camera';
import { startCamplane } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';
import { clipCacheFolder } from '@camplane/testkit/temporary-folder';
import { readPictures } from './zoo/read-pictures.ts';

jest.setTimeout(400_000);

const crowd = 64;
const goodCameras = 8;
/** How long all of them run together. */
const togetherMs = 30_000;

/** Rows with small pictures: this is about what cameras do to each other, not about the cost of decoding. */
const deviating = zooRows
  .filter(({ camera, transport }) => camera.kind === 'rtsp' && transport === undefined)
  .filter(({ name }) => !['h264-large-pictures', 'h264-odd-size', 'thirty-pictures-a-second'].includes(name));

describe(`${crowd} cameras of mixed deviations`, () => {
  let camplane: Camplane;
  const cameras: RunningZooCamera[] = [];

  beforeAll(async () => {
    camplane = await startCamplane();
  });

  afterAll(async () => {
    await camplane.dispose();
    await Promise.all(cameras.map((camera) => camera.stop()));
  });

  async function add(id: string, camera: Parameters<typeof startZooCamera>[0]): Promise<void> {
    const running = await startZooCamera(camera, { cacheFolder: clipCacheFolder() });
    cameras.push(running);
    await camplane.createCamera({
      id,
      source: { url: running.url, credentials: running.credentials },
      detection: { enabled: false },
    });
  }

  const good = Array.from({ length: goodCameras }, (_, index) => `good-${index}`);

  it('do not harm the good cameras among them', async () => {
    for (const id of good) await add(id, { kind: 'rtsp' });
    await Promise.all(good.map((id) => camplane.waitForPhase(id, 'RUNNING', 90_000)));
    const step = deviating.length / (crowd - goodCameras);
    const chosen = Array.from(
      { length: crowd - goodCameras },
      (_, index) => deviating[Math.floor(index * step)],
    );
    for (const row of chosen) if (row !== undefined) await add(row.name, row.camera);
    expect(cameras).toHaveLength(crowd);

    await delay(togetherMs);
    const beforeMs = Date.now() - togetherMs / 2;
    const statuses = await Promise.all(good.map(camplane.status));
    expect(statuses.map(({ cameraId, phase, restarts }) => [cameraId, phase, restarts])).toEqual(
      good.map((id) => [id, 'RUNNING', 0]),
    );
    for (const { lastFrameTime } of statuses) {
      expect(Date.parse(lastFrameTime ?? '')).toBeGreaterThan(beforeMs);
    }
    for (const id of good.slice(0, 2)) {
      expect((await readPictures(`${camplane.rtspUrl}/${id}`, 20, 30_000)).times).toHaveLength(20);
    }
  });

  it('mostly play: the others name their reason', async () => {
    const { items } = await camplane.client.listCameras();
    const statuses = await Promise.all(items.map(({ id }) => camplane.status(id)));
    const playing = statuses.filter(({ phase }) => phase === 'RUNNING');
    expect(playing.length).toBeGreaterThan(crowd / 2);
    for (const { phase, reason, message } of statuses) {
      if (phase !== 'RUNNING') expect(`${reason} ${message}`).not.toMatch(/^Internal/);
    }
  });
});
