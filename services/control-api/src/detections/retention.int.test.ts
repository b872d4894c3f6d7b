import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { operationPath } from '@camplane/contracts/operations';
import { detectionListSchema } from '@camplane/contracts/detection';
import type { DetectionResult, StoredDetection } from '@camplane/contracts/detection';
import { detectionsTopic } from '@camplane/contracts/topics';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { entryOf, jpegOf, resultOf } from '../testing/result-of.ts';
import { eventually, runApi } from '../testing/running-api.ts';
import type { RunningApi } from '../testing/running-api.ts';

jest.setTimeout(60_000);

const dayMs = 24 * 3600_000;
const beginMs = Date.parse('2026-11-01T12:00:00.000Z');

let folder: TemporaryFolder;
let api: RunningApi;
let nowMs = beginMs;

beforeAll(async () => {
  folder = await createTemporaryFolder();
  api = await runApi(
    {
      dataDir: folder.path,
      frameRetentionDays: 7,
      detectionRetentionDays: 30,
      limits: { retentionIntervalMs: 50 },
    },
    { now: () => nowMs, epochMs: () => nowMs },
  );
});

afterAll(async () => {
  await api.stop();
  await folder.remove();
});

async function publish(result: DetectionResult): Promise<void> {
  await api.bus.publish(detectionsTopic, result.cameraId, result);
}

async function list(query: string): Promise<StoredDetection[]> {
  const { body } = await api.call('GET', `${operationPath('listDetections')}?limit=200&${query}`);
  return detectionListSchema.parse(body).items;
}

async function gauge(name: string): Promise<number> {
  const line = (await api.metrics.registry.metrics()).split('\n').find((each) => each.startsWith(name));
  return Number(line?.split(' ').at(-1));
}

describe('retention', () => {
  it('deletes the image, then the detection, and keeps younger ones', async () => {
    const picture = jpegOf(1000).toString('base64');
    const ofDay = (day: number) =>
      resultOf('front-door', { capturedAt: new Date(beginMs + day * dayMs).toISOString(), picture });
    await publish(ofDay(0));
    await publish(ofDay(5));
    await eventually(async () => expect(await list('cameraId=front-door')).toHaveLength(2));
    const [, oldest] = await list('cameraId=front-door');
    expect(oldest?.imagePath).not.toBeNull();

    nowMs = beginMs + 8 * dayMs;
    await eventually(async () => {
      expect((await list('cameraId=front-door')).map(({ imagePath }) => imagePath === null)).toEqual([
        false,
        true,
      ]);
    });
    const gone = await api.call('GET', operationPath('readDetectionImage', { id: oldest?.id ?? '' }));
    expect([gone.status, gone.body.code]).toEqual([404, 'picture-not-kept']);

    nowMs = beginMs + 30 * dayMs + 1000;
    await eventually(async () => expect(await list('cameraId=front-door')).toHaveLength(1));
    const deleted = await api.call('GET', operationPath('readDetection', { id: oldest?.id ?? '' }));
    expect([deleted.status, deleted.body.code]).toEqual([404, 'detection-not-found']);
  });

  it('deletes more rows than one statement does', async () => {
    const before = await gauge('camplane_detections_expired_total');
    const capturedAt = new Date(nowMs - dayMs).toISOString();
    for (let sequence = 0; sequence < 20; sequence++) {
      const detections = Array.from({ length: 64 }, () => entryOf());
      await publish(resultOf('busy', { capturedAt, sequence, detections }));
    }
    await eventually(async () => {
      expect(await gauge('camplane_detections_waiting')).toBe(0);
      expect(await list('cameraId=busy')).toHaveLength(200);
    });
    nowMs += 60 * dayMs;
    await eventually(async () => expect(await list('cameraId=busy')).toEqual([]));
    // Includes the one that the previous test left.
    await eventually(async () =>
      expect(await gauge('camplane_detections_expired_total')).toBe(before + 20 * 64 + 1),
    );
  });
});
