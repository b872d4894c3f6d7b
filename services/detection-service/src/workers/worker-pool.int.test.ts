import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { waitUntil } from '@camplane/testkit/wait-until';
import { drawnImage } from '../testing/images.ts';
import { startDetectionThread } from './detection-thread.ts';
import type { DetectResponse, DetectRequest } from './worker-messages.ts';
import { createWorkerPool } from './worker-pool.ts';
import type { WorkerPool, WorkerPoolOptions } from './worker-pool.ts';

jest.setTimeout(180_000);

const faultyWorker = new URL('./fixtures/faulty-worker.ts', import.meta.url);
const size = { width: 320, height: 180 };
let pool: WorkerPool | undefined;
afterEach(() => pool?.close());

function start(options: Omit<WorkerPoolOptions, 'workers'> & { workers?: number } = {}): WorkerPool {
  // Generous, for slow machines.
  pool = createWorkerPool({ workers: 1, limits: { waitMaxMs: 60_000, detectMaxMs: 60_000 }, ...options });
  return pool;
}

const request = (jpeg: Uint8Array, about: Partial<DetectRequest> = {}): DetectRequest => ({
  cameraId: 'front-door',
  capturedAt: 1_700_000_000_000,
  jpeg,
  detectors: ['motion'],
  minConfidence: 0.5,
  zones: [],
  ...about,
});
const kindOf = (detect: Promise<unknown>) =>
  detect.then(
    () => 'detected',
    (error: { kind: string }) => error.kind,
  );
const foundIn = ({ results }: DetectResponse) =>
  results.flatMap((one) => (one.outcome === 'detected' ? one.found : []));

describe('createWorkerPool', () => {
  it('rejects invalid images and continues', async () => {
    const { detect } = start();
    const good = await drawnImage(size);
    const bad = [
      Buffer.from('not an image'),
      good.subarray(0, good.length / 2),
      Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(4096, 7)]),
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      giant(good),
    ];
    const kinds = await Promise.all(bad.map((jpeg) => kindOf(detect(request(jpeg)))));
    expect(kinds).toEqual(Array(bad.length).fill('unreadable'));
    expect(await detect(request(good))).toMatchObject(size);
  });

  it('replaces workers that crash or hang; requests in flight fail, later ones succeed', async () => {
    const replaced: string[] = [];
    const { detect } = start({
      startThread: (events) => startDetectionThread(events, faultyWorker),
      limits: { waitMaxMs: 60_000, detectMaxMs: 5_000 },
      onReplaced: (reason) => replaced.push(reason),
    });
    const good = await drawnImage(size);
    const patiently = () =>
      waitUntil(
        () => detect(request(good)),
        () => true,
        { what: 'a processed frame', timeoutMs: 60_000 },
      );
    await patiently();
    expect(await kindOf(detect(request(good, { cameraId: 'crash' })))).toBe('worker-lost');
    await patiently();
    expect(await kindOf(detect(request(good, { cameraId: 'hang' })))).toBe('timeout');
    await patiently();
    // On a busy machine a good frame may time out as well.
    expect(replaced.slice(0, 2)).toEqual(['crashed', 'hung']);
  });

  it('replaces workers that are too large, without failing a request', async () => {
    const replaced: string[] = [];
    const { detect } = start({
      limits: { waitMaxMs: 60_000, detectMaxMs: 60_000, memoryMaxBytes: 1 },
      onReplaced: (reason) => replaced.push(reason),
    });
    const good = await drawnImage(size);
    await waitUntil(
      () => detect(request(good)),
      () => replaced.length >= 3,
      { what: 'three replacements', timeoutMs: 120_000 },
    );
    expect(new Set(replaced)).toEqual(new Set(['memory']));
  });

  it('detects the motion of twenty cameras concurrently', async () => {
    const { detect } = start({ workers: 2 });
    const frames = 24;
    const cameras = Array.from({ length: 20 }, (_, camera) => ({
      id: `camera-${camera}`,
      x: 0.1 + camera * 0.04,
    }));
    const last = await Promise.all(
      cameras.map(async ({ id, x }) => {
        const found: (number | undefined)[][] = [];
        for (let number = 0; number < frames; number++) {
          // The square of each camera moves down its own column.
          const square = number < frames / 2 ? undefined : { x, y: 0.15 + (number - frames / 2) * 0.06 };
          const jpeg = await drawnImage({ ...size, seed: number + 1, ...(square ? { square } : {}) });
          const capturedAt = 1_700_000_000_000 + number * 200;
          const seen = foundIn(await detect(request(jpeg, { cameraId: id, capturedAt })));
          found.push(seen.map(({ boundingBox: box }) => box.x + box.width / 2));
        }
        return found;
      }),
    );
    for (const [camera, found] of last.entries()) {
      expect(found.slice(0, frames / 2).flat()).toEqual([]);
      const middles = found.slice(frames / 2).flat();
      expect(middles.length).toBeGreaterThanOrEqual(frames / 2 - 1);
      for (const middle of middles) expect(middle).toBeCloseTo(cameras[camera]?.x ?? 0, 1);
    }
  });

  it('does not grow between 3,000 and 10,000 frames', async () => {
    const { detect } = start({ workers: 2 });
    const tiny = { width: 96, height: 54 };
    const jpegs = await Promise.all(
      Array.from({ length: 12 }, (_, number) =>
        drawnImage({ ...tiny, seed: number + 1, square: { x: 0.1 + number * 0.07, y: 0.5 } }),
      ),
    );
    const resident: number[] = [];
    let shown = 0;
    async function showCamera(camera: number): Promise<void> {
      for (; shown < 10_000;) {
        const number = shown++;
        // Cameras come and go; their state must be released.
        const cameraId = `camera-${camera}-${number >> 10}`;
        const jpeg = jpegs[number % jpegs.length] ?? new Uint8Array();
        await detect(request(jpeg, { cameraId, capturedAt: 1_700_000_000_000 + number * 20 }));
        if (number % 500 === 0) resident.push(process.memoryUsage.rss());
      }
    }
    await Promise.all(Array.from({ length: 8 }, (_, camera) => showCamera(camera)));
    const after3000 = Math.max(...resident.slice(5, 8));
    const after10_000 = Math.min(...resident.slice(-3));
    expect(after10_000 - after3000).toBeLessThan(48 * 2 ** 20);
  });
});

/** The image with a size of 65,000 × 65,000 in its frame header (ITU T.81, B.2.2). */
function giant(jpeg: Uint8Array): Uint8Array {
  const changed = Buffer.from(jpeg);
  const header = changed.indexOf(Buffer.from([0xff, 0xc0]));
  changed.writeUInt16BE(65_000, header + 5);
  changed.writeUInt16BE(65_000, header + 7);
  return changed;
}
