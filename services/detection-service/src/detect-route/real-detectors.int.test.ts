import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { wallClock } from '@camplane/runtime/clock';
import type { Found } from '@camplane/contracts/detection';
import { listen } from '@camplane/service-kit/http-server';
import type { HttpServer } from '@camplane/service-kit/http-server';
import { problemHandler } from '@camplane/service-kit/problem-middleware';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import express from 'express';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { frameAt, observedDetector } from '../http-detector/testing/observed-detector.ts';
import { squareLabels, squareModel } from '../onnx/testing/square-models.ts';
import { footageJpegs } from '@camplane/testkit/footage-jpegs';
import { drawnImage } from '../testing/images.ts';
import { checkModel } from '../workers/check-model.ts';
import { startDetectionThread } from '../workers/detection-thread.ts';
import { createWorkerPool } from '../workers/worker-pool.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import { detectRoutes } from './detect-routes.ts';
import { createImageDetection } from './detect-in-image.ts';

jest.setTimeout(180_000);

let folder: TemporaryFolder;
let pool: WorkerPool;
let server: HttpServer;
let onnx: { modelPath: string; labelsPath: string; thresholds: Record<string, number> };

beforeAll(async () => {
  folder = await createTemporaryFolder();
  onnx = { modelPath: join(folder.path, 'a.onnx'), labelsPath: join(folder.path, 'a.txt'), thresholds: {} };
  await writeFile(onnx.modelPath, squareModel({ width: 320, height: 320 }));
  await writeFile(onnx.labelsPath, squareLabels.join('\n'));
  pool = createWorkerPool({
    workers: 1,
    startThread: (events) => startDetectionThread(events, undefined, onnx),
    // Generous, for slow machines.
    limits: { waitMaxMs: 120_000, detectMaxMs: 60_000 },
  });
  const app = express();
  app.use(detectRoutes({ detect: createImageDetection(pool, wallClock), detectors: ['person', 'onnx'] }));
  app.use(problemHandler({ log: { error: () => undefined } as never }));
  server = await listen(app, { host: '127.0.0.1', port: 0, portVariable: 'PORT' });
});
afterAll(async () => {
  await server.close();
  await pool.close();
  await folder.remove();
});

async function detect(image: Uint8Array, query: string): Promise<Response> {
  const form = new FormData();
  form.append('image', new Blob([new Uint8Array(image)]), 'image.jpg');
  return fetch(`${server.url}/detect?${query}`, { method: 'POST', body: form });
}

describe('POST /detect with the real detectors', () => {
  it('finds people in footage and none in a drawing', async () => {
    const [street] = await footageJpegs({ fromSeconds: 10, seconds: 1, fps: 1 });
    const found = (await (await detect(street ?? new Uint8Array(), 'detector=person')).json()) as Found[];
    expect(found.map(({ label }) => label)).toContain('person');
    const drawn = await drawnImage({ width: 640, height: 360 });
    expect(await (await detect(drawn, 'detector=person')).json()).toEqual([]);
  });

  it('detects with the model', async () => {
    // 320×180 in 320×320: 70 rows of grey above; the square of 36 contains at least one cell of 16.
    const image = await drawnImage({ width: 320, height: 180, square: { x: 0.5, y: 0.5 } });
    const found = (await (await detect(image, 'detector=onnx&minConfidence=0.9')).json()) as Found[];
    expect(found.length).toBeGreaterThan(0);
    for (const { label, boundingBox } of found) {
      expect(label).toBe('bright');
      expect(boundingBox.x).toBeGreaterThanOrEqual(0.4);
      expect(boundingBox.x + boundingBox.width).toBeLessThanOrEqual(0.6);
    }
  });

  it('rejects a truncated image and continues', async () => {
    const whole = await drawnImage({ width: 320, height: 180 });
    const half = await detect(whole.subarray(0, whole.length / 2), 'detector=onnx');
    expect(await half.json()).toMatchObject({ code: 'invalid-picture' });
    expect((await detect(whole, 'detector=onnx')).status).toBe(200);
  });

  it('can be the AI service of the http detector', async () => {
    const { detector, settled, found } = observedDetector(`${server.url}/?detector=onnx&minConfidence=0.9`);
    const jpeg = await drawnImage({ width: 320, height: 180, square: { x: 0.25, y: 0.5 } });
    const observed: Found[][] = [];
    detector.offer({ ...frameAt(1_000_000, 0), width: 320, height: 180, jpeg }, 'yard', (one) =>
      observed.push(one),
    );
    await settled();
    await detector.close();
    expect(found).toEqual([]);
    expect(observed).toHaveLength(1);
    expect(observed[0]?.map(({ label }) => label)).toContain('bright');
  });
});

describe('checkModel', () => {
  it('accepts a valid model', async () => {
    await expect(checkModel(onnx)).resolves.toBeUndefined();
  });

  it('reports the problem of an unusable model', async () => {
    const modelPath = join(folder.path, 'bad.onnx');
    await writeFile(modelPath, 'not a model');
    await expect(checkModel({ ...onnx, modelPath })).rejects.toThrow(
      /^ONNX_MODEL: .*bad\.onnx is not a model/,
    );
    await expect(checkModel({ ...onnx, thresholds: { cat: 1 } })).rejects.toThrow(
      /^ONNX_MIN_CONFIDENCE names "cat"/,
    );
  });
});
