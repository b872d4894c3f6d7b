import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { waitUntil } from '@camplane/testkit/wait-until';
import { drawnPicture } from '../testing/pictures.ts';
import { startDetectionThread } from './detection-thread.ts';
import type { Looked, LookRequest } from './worker-messages.ts';
import { createWorkerPool } from './worker-pool.ts';
import type { WorkerPool, WorkerPoolOptions } from './worker-pool.ts';

jest.setTimeout(180_000);

const faultyWorker = new URL('./fixtures/faulty-worker.ts', import.meta.url);
const size = { width: 320, height: 180 };
let pool: WorkerPool | undefined;
afterEach(() => pool?.close());

function start(options: Omit<WorkerPoolOptions, 'workers'> & { workers?: number } = {}): WorkerPool {
  // A slow machine is not a hung worker.
  pool = createWorkerPool({ workers: 1, limits: { waitMaxMs: 60_000, lookMaxMs: 60_000 }, ...options });
  return pool;
}

const request = (jpeg: Uint8Array, about: Partial<LookRequest> = {}): LookRequest => ({
  cameraId: 'front-door',
  capturedAt: 1_700_000_000_000,
  jpeg,
  detectors: ['motion'],
  minConfidence: 0.5,
  zones: [],
  ...about,
});
const kindOf = (look: Promise<unknown>) =>
  look.then(
    () => 'looked',
    (error: { kind: string }) => error.kind,
  );
const foundIn = ({ answers }: Looked) =>
  answers.flatMap((one) => (one.outcome === 'looked' ? one.found : []));

describe('the workers', () => {
  it('refuse what is no picture, and go on', async () => {
    const { look } = start();
    const good = await drawnPicture(size);
    const bad = [
      Buffer.from('this is no picture'),
      good.subarray(0, good.length / 2),
      Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(4096, 7)]),
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      giant(good),
    ];
    const kinds = await Promise.all(bad.map((jpeg) => kindOf(look(request(jpeg)))));
    expect(kinds).toEqual(Array(bad.length).fill('unreadable'));
    expect(await look(request(good))).toMatchObject(size);
  });

  it('are replaced when they crash or hang: pictures in hand fail, the next are looked at', async () => {
    const replaced: string[] = [];
    const { look } = start({
      startThread: (events) => startDetectionThread(events, faultyWorker),
      limits: { waitMaxMs: 60_000, lookMaxMs: 5_000 },
      onReplaced: (reason) => replaced.push(reason),
    });
    const good = await drawnPicture(size);
    const patiently = () =>
      waitUntil(
        () => look(request(good)),
        () => true,
        { what: 'a picture looked at', timeoutMs: 60_000 },
      );
    await patiently();
    expect(await kindOf(look(request(good, { cameraId: 'crash' })))).toBe('worker-lost');
    await patiently();
    expect(await kindOf(look(request(good, { cameraId: 'hang' })))).toBe('timeout');
    await patiently();
    // On a machine that is busy enough a good picture may take too long as well.
    expect(replaced.slice(0, 2)).toEqual(['crashed', 'hung']);
  });

  it('are replaced when they grew too large, and no picture fails by it', async () => {
    const replaced: string[] = [];
    const { look } = start({
      limits: { waitMaxMs: 60_000, lookMaxMs: 60_000, memoryMaxBytes: 1 },
      onReplaced: (reason) => replaced.push(reason),
    });
    const good = await drawnPicture(size);
    await waitUntil(
      () => look(request(good)),
      () => replaced.length >= 3,
      { what: 'three replacements', timeoutMs: 120_000 },
    );
    expect(new Set(replaced)).toEqual(new Set(['memory']));
  });

  it('tell the motion of twenty cameras at once, each its own', async () => {
    const { look } = start({ workers: 2 });
    const pictures = 24;
    const cameras = Array.from({ length: 20 }, (_, camera) => ({
      id: `camera-${camera}`,
      x: 0.1 + camera * 0.04,
    }));
    const last = await Promise.all(
      cameras.map(async ({ id, x }) => {
        const found: (number | undefined)[][] = [];
        for (let number = 0; number < pictures; number++) {
          // The square of each camera moves down its own column.
          const square = number < pictures / 2 ? undefined : { x, y: 0.15 + (number - pictures / 2) * 0.06 };
          const jpeg = await drawnPicture({ ...size, seed: number + 1, ...(square ? { square } : {}) });
          const capturedAt = 1_700_000_000_000 + number * 200;
          const seen = foundIn(await look(request(jpeg, { cameraId: id, capturedAt })));
          found.push(seen.map(({ boundingBox: box }) => box.x + box.width / 2));
        }
        return found;
      }),
    );
    for (const [camera, found] of last.entries()) {
      expect(found.slice(0, pictures / 2).flat()).toEqual([]);
      const middles = found.slice(pictures / 2).flat();
      expect(middles.length).toBeGreaterThanOrEqual(pictures / 2 - 1);
      for (const middle of middles) expect(middle).toBeCloseTo(cameras[camera]?.x ?? 0, 1);
    }
  });

  it('hold no more memory after 10,000 pictures than after 3,000', async () => {
    const { look } = start({ workers: 2 });
    const tiny = { width: 96, height: 54 };
    const jpegs = await Promise.all(
      Array.from({ length: 12 }, (_, number) =>
        drawnPicture({ ...tiny, seed: number + 1, square: { x: 0.1 + number * 0.07, y: 0.5 } }),
      ),
    );
    const resident: number[] = [];
    let shown = 0;
    async function showCamera(camera: number): Promise<void> {
      for (; shown < 10_000;) {
        const number = shown++;
        // Cameras come and go: what they were is not kept.
        const cameraId = `camera-${camera}-${number >> 10}`;
        const jpeg = jpegs[number % jpegs.length] ?? new Uint8Array();
        await look(request(jpeg, { cameraId, capturedAt: 1_700_000_000_000 + number * 20 }));
        if (number % 500 === 0) resident.push(process.memoryUsage.rss());
      }
    }
    await Promise.all(Array.from({ length: 8 }, (_, camera) => showCamera(camera)));
    const after3000 = Math.max(...resident.slice(5, 8));
    const after10_000 = Math.min(...resident.slice(-3));
    expect(after10_000 - after3000).toBeLessThan(48 * 2 ** 20);
  });
});

/** The picture, saying that it has 65,000 pixels each way: its size stands in the frame header (ITU T.81, B.2.2). */
function giant(jpeg: Uint8Array): Uint8Array {
  const changed = Buffer.from(jpeg);
  const header = changed.indexOf(Buffer.from([0xff, 0xc0]));
  changed.writeUInt16BE(65_000, header + 5);
  changed.writeUInt16BE(65_000, header + 7);
  return changed;
}
