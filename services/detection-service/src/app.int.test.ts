import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { detectionSchema } from '@camplane/contracts/camera';
import { deadLetterTopic } from '@camplane/contracts/dead-letter';
import { detectionResultSchema } from '@camplane/contracts/detection';
import type { DetectionResult } from '@camplane/contracts/detection';
import { framesTopic } from '@camplane/contracts/frame';
import { detectionsTopic } from '@camplane/contracts/topics';
import { createMemoryBus } from '@camplane/event-bus/memory-bus';
import { createHealth } from '@camplane/service-kit/health';
import { createLogger } from '@camplane/service-kit/logging';
import { createMetrics } from '@camplane/service-kit/metrics';
import { waitUntil } from '@camplane/testkit/wait-until';
import { createDetectionService } from './app.ts';
import { footageJpegs } from '@camplane/testkit/footage-jpegs';

jest.setTimeout(180_000);

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function start() {
  const log = createLogger({ service: 'detection-service', level: 'silent', format: 'json' });
  const bus = createMemoryBus({ maxPending: 100, log, retryDelaysMs: [1, 1, 1] });
  ends.push(() => bus.close());
  const service = createDetectionService(
    { host: '127.0.0.1', port: 0, workers: 2 },
    {
      bus,
      log,
      metrics: createMetrics('detection-service', { processMetrics: false }),
      health: createHealth(),
    },
  );
  const lifetime = new AbortController();
  const running = service.run(lifetime.signal);
  ends.push(async () => {
    lifetime.abort();
    await running;
  });
  const server = await service.listen();
  ends.push(() => server.close());
  const results: DetectionResult[] = [];
  const letters: string[] = [];
  await bus.subscribe(detectionsTopic, { group: 'test' }, ({ value }) => void results.push(value));
  await bus.subscribe(deadLetterTopic, { group: 'test' }, ({ key }) => void letters.push(key));
  const get = async (path: string) => (await fetch(server.url + path)).text();
  await waitUntil(
    () => get('/readyz'),
    (text) => text.includes('"ready":true'),
    {
      what: 'readiness',
      timeoutMs: 60_000,
    },
  );
  let sequence = 0;
  return {
    results,
    letters,
    get,
    /** Publishes a frame and waits until it is counted. */
    async show(cameraId: string, jpeg: Uint8Array, detection: object = {}): Promise<void> {
      const processedFrames = async () => {
        const text = await get('/metrics');
        const counts = [...text.matchAll(/^camplane_detection_frames_total\{.*\} (\d+)$/gm)];
        return counts.reduce((sum, [, count]) => sum + Number(count), 0);
      };
      const before = await processedFrames();
      await bus.publish(framesTopic, cameraId, {
        jpeg,
        width: 640,
        height: 480,
        sequence: sequence++,
        capturedAt: Date.now(),
        detection: detectionSchema.parse(detection),
      });
      await waitUntil(processedFrames, (count) => count > before, {
        what: 'a processed frame',
        timeoutMs: 60_000,
      });
    },
  };
}

describe('detection-service', () => {
  it('detects and tracks people, and stops when detection is disabled', async () => {
    const fps = 5;
    const frames = await footageJpegs({ fromSeconds: 18, seconds: 7, fps });
    const service = await start();
    for (const frame of frames) {
      // In real time: the detectors depend on the time between frames.
      await Promise.all([service.show('door', frame), delay(1000 / fps)]);
    }
    const { results } = service;
    for (const result of results) expect(detectionResultSchema.safeParse(result).error).toBeUndefined();
    const detections = results.flatMap((result) => result.detections);
    const people = detections.filter(({ label }) => label === 'person');
    // On a busy machine the person detector skips frames.
    expect(people.length).toBeGreaterThan(3);
    expect(new Set(detections.map(({ id }) => id)).size).toBe(detections.length);
    // Fewer people than detections of them.
    expect(new Set(people.map(({ trackId }) => trackId)).size).toBeLessThan(people.length);
    expect(results.filter(({ picture }) => picture !== null).length).toBeGreaterThan(0);

    const soFar = results.length;
    for (const frame of frames.slice(0, 3)) await service.show('door', frame, { enabled: false });
    // One empty result clears the detections.
    expect(results.slice(soFar)).toMatchObject([{ detections: [], picture: null }]);
    const metrics = await service.get('/metrics');
    expect(metrics).toMatch(/camplane_detection_frames_total\{.*outcome="looked".*\} \d+/);
    expect(metrics).toMatch(/camplane_detection_frames_total\{.*outcome="disabled".*\} 3/);
    expect(metrics).toMatch(/camplane_detections_found_total\{.*detector="person".*\} \d+/);
    expect(metrics).toMatch(/camplane_detection_seconds_count\{.*detector="motion".*\} \d+/);
    expect(metrics).toMatch(/camplane_detection_latency_seconds_count\{.*\} \d+/);
  });

  it('detects in images only for callers with its token', async () => {
    const log = createLogger({ service: 'detection-service', level: 'silent', format: 'json' });
    const bus = createMemoryBus({ maxPending: 1, log, retryDelaysMs: [1] });
    const metrics = createMetrics('detection-service', { processMetrics: false });
    const detectToken = 't'.repeat(32);
    const service = createDetectionService(
      { host: '127.0.0.1', port: 0, workers: 1, detectToken },
      { bus, log, metrics, health: createHealth() },
    );
    const server = await service.listen();
    ends.push(
      () => bus.close(),
      () => server.close(),
    );
    const send = async (authorization?: string) => {
      const headers = authorization === undefined ? {} : { authorization };
      return (await fetch(`${server.url}/detect`, { method: 'POST', headers, body: 'no form' })).status;
    };
    expect([await send(), await send('Bearer wrong'), await send(`Bearer ${detectToken}`)]).toEqual([
      401, 401, 415,
    ]);
    expect(await metrics.registry.metrics()).toContain('camplane_refused_requests_total{endpoint="detect"');
  });

  it('sends an invalid image to the dead-letter topic and continues', async () => {
    const [good] = await footageJpegs({ fromSeconds: 18, seconds: 1, fps: 1 });
    const service = await start();
    await service.show('door', Buffer.from('poison'));
    await waitUntil(
      () => service.letters,
      (letters) => letters.length === 1,
      { what: 'a dead letter' },
    );
    await service.show('door', good ?? new Uint8Array());
    const metrics = await service.get('/metrics');
    expect(metrics).toMatch(/camplane_detection_frames_total\{.*outcome="poison".*\} 1/);
    expect(metrics).toMatch(/camplane_detection_frames_total\{.*outcome="looked".*\} 1/);
  });
});
