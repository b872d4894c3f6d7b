import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { DetectorName, Polygon } from '@camplane/contracts/camera';
import type { Found } from '@camplane/contracts/detection';
import sharp from 'sharp';
import { footageJpegs } from '@camplane/testkit/footage-jpegs';
import { drawnImage } from '../testing/images.ts';
import { createWorkerPool } from '../workers/worker-pool.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';

jest.setTimeout(180_000);

const fps = 4;
let pool: WorkerPool;
let footage: Uint8Array[];
let cameras = 0;
beforeAll(async () => {
  pool = createWorkerPool({ workers: 1, limits: { waitMaxMs: 60_000, detectMaxMs: 60_000 } });
  footage = await footageJpegs({ fromSeconds: 18, seconds: 7, fps });
});
afterAll(() => pool.close());

/** Runs the detectors on the frames of a new camera and returns the detections of each. */
async function show(
  frames: readonly Uint8Array[],
  options: { detectors?: DetectorName[]; zones?: Polygon[] } = {},
): Promise<Found[][]> {
  const { detectors = ['motion', 'person'], zones = [] } = options;
  const cameraId = `camera-${cameras++}`;
  const found: Found[][] = [];
  for (const [index, jpeg] of frames.entries()) {
    const capturedAt = 1_700_000_000_000 + (index * 1000) / fps;
    const looked = await pool.detect({ cameraId, capturedAt, jpeg, detectors, minConfidence: 0.5, zones });
    found.push(
      looked.results.flatMap((answer) => {
        if (answer.outcome === 'failed') throw new Error(answer.message);
        return answer.outcome === 'detected' ? answer.found : [];
      }),
    );
  }
  return found;
}

const labelled = (found: readonly Found[], label: string) => found.filter((one) => one.label === label);

describe('detectors', () => {
  it('find walking people and their motion', async () => {
    // Eight frames for the background model.
    const found = (await show(footage)).slice(8);
    for (const label of ['motion', 'person']) {
      const counts = found.map((one) => labelled(one, label).length);
      expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
      expect(counts.reduce((sum, count) => sum + count, 0) / counts.length).toBeGreaterThan(2);
    }
  });

  it('find only objects with their feet in a zone', async () => {
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

  it('find nothing in a still scene, with or without people', async () => {
    const still = footage[10] ?? new Uint8Array();
    expect((await show(Array<Uint8Array>(25).fill(still))).flat()).toEqual([]);
  });

  it('find nothing in the noise of an empty scene', async () => {
    const frames = await Promise.all(
      Array.from({ length: 25 }, (_, seed) => drawnImage({ width: 640, height: 360, seed })),
    );
    expect((await show(frames)).flat()).toEqual([]);
  });

  it('do not report a light that is switched on as motion', async () => {
    const dark = footage[10] ?? new Uint8Array();
    const light = await sharp(dark).linear(1.4, 40).jpeg({ quality: 80 }).toBuffer();
    const frames = [dark, light, dark].flatMap((image) => Array<Uint8Array>(12).fill(image));
    expect((await show(frames)).flat()).toEqual([]);
  });

  it('find people in a single image', async () => {
    const jpeg = footage[10] ?? new Uint8Array();
    const looked = await pool.detect({
      cameraId: null,
      capturedAt: 0,
      jpeg,
      detectors: ['motion', 'person'],
      minConfidence: 0.5,
      zones: [],
    });
    expect(looked.results).toMatchObject([
      { detector: 'motion', outcome: 'skipped' },
      { detector: 'person', outcome: 'detected' },
    ]);
    const [, person] = looked.results;
    expect(person?.outcome === 'detected' ? person.found.length : 0).toBeGreaterThanOrEqual(2);
  });
});
