import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { detectionSchema } from '@camplane/contracts/camera';
import { framesTopic } from '@camplane/contracts/frame';
import { detectionsTopic } from '@camplane/contracts/topics';
import { createDetectionService } from '@camplane/detection-service/app';
import { defaultWorkers } from '@camplane/detection-service/environment';
import { createMemoryBus } from '@camplane/event-bus/memory-bus';
import { compileOpenCv } from '@camplane/opencv/compile-opencv';
import { createHealth } from '@camplane/service-kit/health';
import { createLogger } from '@camplane/service-kit/logging';
import { createMetrics } from '@camplane/service-kit/metrics';
import type { Metrics } from '@camplane/service-kit/metrics';
import { footageJpegs } from '@camplane/testkit/footage-jpegs';
import { waitUntil } from '@camplane/testkit/wait-until';
import type { BenchResult } from './bench-result.ts';
import { percentile } from './percentile.ts';

const cameras = 10;
const runs = 3;
const secondsEach = 15;
/** More frames than the detectors can process, so that they are never idle. */
const offeredPerSecond = 600;
const steadyPerSecond = 20;

/**
 * P6: frames (640×360 of the footage) through the in-memory bus and the motion detector, at full speed and at 20 per
 * second. The control is plain OpenCV doing the same in one loop on one thread.
 */
export async function measureDetection(): Promise<BenchResult> {
  const pictures = await footageJpegs({ seconds: 20, fps: 10, crop: '768:432' });
  const rates: number[] = [];
  const controls: number[] = [];
  const latenciesMs: number[] = [];
  for (let run = 0; run < runs; run++) {
    controls.push(await plainLoop(pictures));
    rates.push((await runService(pictures, offeredPerSecond)).lookedPerSecond);
    latenciesMs.push(...(await runService(pictures, steadyPerSecond)).latenciesMs);
  }
  const value = percentile(rates, 0.5);
  const control = percentile(controls, 0.5);
  const p95 = percentile(latenciesMs, 0.95);
  return {
    id: 'P6',
    title: `frames through bus and motion detection, ${defaultWorkers()} workers`,
    rows: [
      {
        name: 'frames processed',
        value,
        unit: '/s',
        control,
        ratio: value / control,
        target: '≥ 200/s',
        met: value >= 200,
      },
      {
        name: `captured → detection published, ${steadyPerSecond} frames/s, p50`,
        value: percentile(latenciesMs, 0.5),
        unit: 'ms',
      },
      {
        name: `captured → detection published, ${steadyPerSecond} frames/s, p95`,
        value: p95,
        unit: 'ms',
        target: '≤ 250 ms',
        met: p95 <= 250,
      },
    ],
    notes: [
      `${cameras} cameras; median of ${runs} runs of ${secondsEach} s each, alternating with the control`,
      'the control is one thread: decoding, MOG2 and contours in a loop, without bus, tracks, boxes or results',
      'the producer of frames and the consumer of results share the process',
    ],
  };
}

async function plainLoop(pictures: Uint8Array[]): Promise<number> {
  const openCv = await compileOpenCv();
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./plain-motion-worker.ts', import.meta.url), {
      workerData: { pictures, seconds: secondsEach, openCv },
    });
    worker.once('message', (perSecond: number) => {
      resolve(perSecond);
      void worker.terminate();
    });
    worker.once('error', reject);
  });
}

async function runService(
  pictures: readonly Uint8Array[],
  perSecond: number,
): Promise<{ lookedPerSecond: number; latenciesMs: number[] }> {
  const log = createLogger({ service: 'bench', level: 'error', format: 'text' });
  const metrics = createMetrics('bench', { processMetrics: false });
  const bus = createMemoryBus({ maxPending: 1000, log });
  const health = createHealth();
  const service = createDetectionService(
    { host: '127.0.0.1', port: 0, workers: defaultWorkers() },
    { bus, log, metrics, health },
  );
  const stopping = new AbortController();
  const running = service.run(stopping.signal);
  const latenciesMs: number[] = [];
  await bus.subscribe(detectionsTopic, { group: 'bench', concurrency: cameras }, ({ value }) => {
    latenciesMs.push(Date.now() - Date.parse(value.capturedAt));
  });
  await waitUntil(
    () => health.readiness(),
    ({ ready }) => ready,
    { what: 'the detectors', timeoutMs: 60_000 },
  );
  const publish = offer(bus, pictures, perSecond);
  // First let it learn the background.
  await delay(4000);
  latenciesMs.length = 0;
  const before = await looked(metrics);
  await delay(secondsEach * 1000);
  const after = await looked(metrics);
  publish.stop();
  stopping.abort();
  await running;
  await bus.close();
  return { lookedPerSecond: (after - before) / secondsEach, latenciesMs };
}

/** Publishes frames of all cameras round-robin, evenly spaced. */
function offer(
  bus: ReturnType<typeof createMemoryBus>,
  pictures: readonly Uint8Array[],
  perSecond: number,
): { stop(): void } {
  const detection = detectionSchema.parse({ detectors: ['motion'] });
  const startedMs = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - startedMs) / 1000) * perSecond;
    for (; sent < due; sent++) {
      const camera = sent % cameras;
      const sequence = Math.floor(sent / cameras);
      // Each camera starts at a different position of the footage.
      const jpeg = pictures[(sequence + camera * 7) % pictures.length];
      if (!jpeg) throw new Error('there are no pictures');
      const facts = { width: 640, height: 360, sequence, capturedAt: Date.now(), detection };
      void bus.publish(framesTopic, `camera-${camera}`, { jpeg, ...facts });
    }
  }, 5);
  return { stop: () => clearInterval(timer) };
}

async function looked(metrics: Metrics): Promise<number> {
  const text = await metrics.registry.metrics();
  const line = text
    .split('\n')
    .find((one) => one.startsWith('camplane_detection_frames_total') && one.includes('outcome="looked"'));
  return Number(line?.split(' ').at(-1) ?? 0);
}
