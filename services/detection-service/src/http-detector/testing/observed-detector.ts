import { detectionSchema } from '@camplane/contracts/camera';
import type { Found } from '@camplane/contracts/detection';
import type { Frame } from '@camplane/contracts/frame';
import { createMetrics } from '@camplane/service-kit/metrics';
import { waitUntil } from '@camplane/testkit/wait-until';
import type { ServerResponse } from 'node:http';
import { createHttpDetector } from '../http-detector.ts';
import type { HttpDetector, HttpDetectorOptions } from '../http-detector.ts';
import { answerJson } from './ai-server.ts';
import type { AiServer } from './ai-server.ts';

/** Starts and ends like a JPEG; these tests do not decode it. */
export const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 0xff, 0xd9]);

export const cat: Found = {
  label: 'cat',
  confidence: 0.8,
  boundingBox: { x: 0.25, y: 0.5, width: 0.25, height: 0.25 },
};

/** A detector with a simulated clock, its log and its detections. The caller closes it. */
export function observedDetector(url: string, options: Partial<HttpDetectorOptions> = {}) {
  let nowMs = 1_000_000;
  const lines: { level: string; text: string }[] = [];
  const write = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, text: `${message} ${JSON.stringify(fields)}` });
  const metrics = createMetrics('test', { processMetrics: false });
  const log = { info: write('info'), warn: write('warn'), error: write('error') };
  const detector: HttpDetector = createHttpDetector({
    url,
    timeoutMs: 20_000,
    log: log as unknown as HttpDetectorOptions['log'],
    metrics,
    clock: { now: () => nowMs },
    wallClock: { epochMs: () => nowMs },
    random: () => 0.5,
    ...options,
  });
  let sequence = 0;
  const found: { cameraId: string; sequence: number; found: Found[] }[] = [];
  const valueOf = async (name: string, outcome?: string): Promise<number> => {
    const metric = await metrics.registry.getSingleMetric(name)?.get();
    const value = metric?.values.find(({ labels }) => outcome === undefined || labels['outcome'] === outcome);
    return value?.value ?? 0;
  };
  return {
    detector,
    lines,
    found,
    advance: (ms: number) => (nowMs += ms),
    offer(cameraId = 'yard', changes: Partial<Frame> = {}): void {
      const frame = { ...frameAt(nowMs, sequence++), ...changes };
      detector.offer(frame, cameraId, (entries) =>
        found.push({ cameraId, sequence: frame.sequence, found: entries }),
      );
    },
    requests: (outcome: string) => valueOf('camplane_ai_requests_total', outcome),
    up: () => valueOf('camplane_ai_service_up'),
    /** Waits until every offered frame is done. */
    settled: () =>
      waitUntil(
        () => detector.state(),
        ({ waiting, inFlight }) => waiting + inFlight === 0,
        { what: 'all requests ended', timeoutMs: 30_000 },
      ),
  };
}

export function frameAt(capturedAt: number, sequence: number): Frame {
  const detection = detectionSchema.parse({ detectors: ['http'] });
  return { capturedAt, sequence, width: 640, height: 360, detection, jpeg };
}

/** Holds the server's responses back until they are released. */
export function holding(server: AiServer) {
  const held: ServerResponse[] = [];
  server.answer((response) => void held.push(response));
  return {
    count: (expected: number) =>
      waitUntil(
        () => held.length,
        (count) => count >= expected,
        { what: `${expected} requests are held`, timeoutMs: 20_000 },
      ),
    release: () => {
      for (const response of held.splice(0)) answerJson(response, [cat]);
    },
  };
}
