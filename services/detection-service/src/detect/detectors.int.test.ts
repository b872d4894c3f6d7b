import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { DetectorName, Polygon } from '@camplane/contracts/camera';
import type { Found } from '@camplane/contracts/detection';
import sharp from 'sharp';
import { footageJpegs } from '@camplane/testkit/footage-jpegs';
import { drawnPicture } from '../testing/pictures.ts';
import { createWorkerPool } from '../workers/worker-pool.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';

jest.setTimeout(180_000);

const fps = 4;
let pool: WorkerPool;
let footage: Uint8Array[];
let cameras = 0;
beforeAll(async () => {
  pool = createWorkerPool({ workers: 1, limits: { waitMaxMs: 60_000, lookMaxMs: 60_000 } });
  footage = await footageJpegs({ fromSeconds: 18, seconds: 7, fps });
});
afterAll(() => pool.close());

/** Shows pictures as those of a new camera, and gives what was found in each. */
async function show(
  pictures: readonly Uint8Array[],
  options: { detectors?: DetectorName[]; zones?: Polygon[] } = {},
): Promise<Found[][]> {
  const { detectors = ['motion', 'person'], zones = [] } = options;
  const cameraId = `camera-${cameras++}`;
  const found: Found[][] = [];
  for (const [index, jpeg] of pictures.entries()) {
    const capturedAt = 1_700_000_000_000 + (index * 1000) / fps;
    const looked = await pool.look({ cameraId, capturedAt, jpeg, detectors, minConfidence: 0.5, zones });
    found.push(
      looked.answers.flatMap((answer) => {
        if (answer.outcome === 'failed') throw new Error(answer.message);
        return answer.outcome === 'looked' ? answer.found : [];
      }),
    );
  }
  return found;
}

const labelled = (found: readonly Found[], label: string) => found.filter((one) => one.label === label);

describe('the detectors', () => {
  it('find people who walk, and their motion', async () => {
    // Eight pictures to get to know the place.
    const found = (await show(footage)).slice(8);
    for (const label of ['motion', 'person']) {
      const counts = found.map((one) => labelled(one, label).length);
      expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
      expect(counts.reduce((sum, count) => sum + count, 0) / counts.length).toBeGreaterThan(2);
    }
  });

  it('find only what has its feet in a zone', async () => {
    const points = [
      { x: 0, y: 0 },
      { x: 0.5, y: 0 },
      { x: 0.5, y: 1 },
      { x: 0, y: 1 },
    ];
    const left = { name: 'left', points };
    const found = (await show(footage, { zones: [left] })).flat();
    expect(found.length).toBeGreaterThan(5);
    for (const { boundingBox: box } of found) expect(box.x + box.width / 2).toBeLessThanOrEqual(0.5);
  });

  it('find nothing in a picture that stands still, people in it or not', async () => {
    const still = footage[10] ?? new Uint8Array();
    expect((await show(Array<Uint8Array>(25).fill(still))).flat()).toEqual([]);
  });

  it('find nothing in the noise of an empty scene', async () => {
    const pictures = await Promise.all(
      Array.from({ length: 25 }, (_, seed) => drawnPicture({ width: 640, height: 360, seed })),
    );
    expect((await show(pictures)).flat()).toEqual([]);
  });

  it('take a light that goes on for no motion', async () => {
    const dark = footage[10] ?? new Uint8Array();
    const light = await sharp(dark).linear(1.4, 40).jpeg({ quality: 80 }).toBuffer();
    const pictures = [dark, light, dark].flatMap((picture) => Array<Uint8Array>(12).fill(picture));
    expect((await show(pictures)).flat()).toEqual([]);
  });

  it('find people in a single picture of which nothing is known', async () => {
    const jpeg = footage[10] ?? new Uint8Array();
    const looked = await pool.look({
      cameraId: null,
      capturedAt: 0,
      jpeg,
      detectors: ['motion', 'person'],
      minConfidence: 0.5,
      zones: [],
    });
    expect(looked.answers).toMatchObject([
      { detector: 'motion', outcome: 'skipped' },
      { detector: 'person', outcome: 'looked' },
    ]);
    const [, person] = looked.answers;
    expect(person?.outcome === 'looked' ? person.found.length : 0).toBeGreaterThanOrEqual(2);
  });
});
