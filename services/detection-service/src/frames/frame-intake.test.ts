import { afterEach, describe, expect, it } from '@jest/globals';
import { detectionSchema } from '@camplane/contracts/camera';
import { deadLetterTopic } from '@camplane/contracts/dead-letter';
import type { DetectionResult, Found } from '@camplane/contracts/detection';
import { framesTopic } from '@camplane/contracts/frame';
import type { Frame } from '@camplane/contracts/frame';
import { detectionsTopic } from '@camplane/contracts/topics';
import type { EventBus } from '@camplane/event-bus/event-bus';
import { createMemoryBus } from '@camplane/event-bus/memory-bus';
import { createLogger } from '@camplane/service-kit/logging';
import { createMetrics } from '@camplane/service-kit/metrics';
import { waitUntil } from '@camplane/testkit/wait-until';
import { DetectError } from '../workers/detect-error.ts';
import type { DetectErrorKind } from '../workers/detect-error.ts';
import type { DetectRequest } from '../workers/worker-messages.ts';
import { createFrameIntake } from './frame-intake.ts';
import { createIntakeMetrics } from './intake-metrics.ts';

const size = { width: 640, height: 360 };
const now = 1_700_000_000_000;
const person: Found = {
  label: 'person',
  confidence: 0.9,
  boundingBox: { x: 0.3, y: 0.3, width: 0.1, height: 0.4 },
};

function frame(sequence: number, about: { ageMs?: number; detection?: object } = {}): Frame {
  return {
    ...size,
    sequence,
    capturedAt: now - (about.ageMs ?? 0),
    detection: detectionSchema.parse({ detectors: ['person'], ...about.detection }),
    jpeg: new Uint8Array([1, 2, 3]),
  };
}

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** The intake on a real bus, with simulated workers. */
async function start(
  options: {
    detect?: (request: DetectRequest, attempt: number) => Found[];
    publish?: (attempt: number) => void;
    offerToHttp?: (onFound: (found: Found[]) => void) => void;
  } = {},
) {
  const log = createLogger({ service: 'detection-service', level: 'silent', format: 'json' });
  const memory = createMemoryBus({ maxPending: 100, log, retryDelaysMs: [1, 1, 1, 1] });
  let publications = 0;
  const bus: EventBus = {
    ...memory,
    async publish(topic, ...message) {
      if (topic.name === detectionsTopic.name) options.publish?.(++publications);
      await memory.publish(topic, ...message);
    },
  };
  const metrics = createMetrics('detection-service', { processMetrics: false });
  let requests = 0;
  const offerToHttp = options.offerToHttp;
  const intake = createFrameIntake({
    bus,
    workers: 1,
    pool: {
      async detect(request) {
        const found = (options.detect ?? (() => [person]))(request, ++requests);
        return { ...size, results: [{ detector: 'person', seconds: 0.01, outcome: 'detected', found }] };
      },
    },
    ...(offerToHttp ? { offerToHttp: (_frame, _camera, onFound) => offerToHttp(onFound) } : {}),
    metrics: createIntakeMetrics(metrics),
    log,
    clock: { now: () => now },
    wallClock: { epochMs: () => now },
  });
  const results: DetectionResult[] = [];
  const letters: string[] = [];
  await memory.subscribe(detectionsTopic, { group: 'test' }, ({ value }) => void results.push(value));
  await memory.subscribe(deadLetterTopic, { group: 'test' }, ({ value }) => {
    letters.push(value.headers['error-message'] ?? '');
  });
  await intake.start();
  ends.push(async () => {
    await intake.stop();
    await memory.close();
  });
  return {
    results,
    letters,
    requests: () => requests,
    send: (one: Frame) => memory.publish(framesTopic, 'door', one),
    /** The outcomes, once `count` frames were counted. */
    async outcomes(count: number): Promise<Record<string, number>> {
      const read = async () => {
        const { values } = await metrics.registry.getSingleMetric('camplane_detection_frames_total')!.get();
        return Object.fromEntries(values.map(({ labels, value }) => [labels['outcome'] ?? '', value]));
      };
      return waitUntil(read, (seen) => Object.values(seen).reduce((a, b) => a + b, 0) >= count, {
        what: `${count} frames`,
      });
    },
  };
}
const until = (what: string, holds: () => boolean) => waitUntil(holds, (seen) => seen, { what });

describe('createFrameIntake', () => {
  it('runs the detectors of the camera and publishes the result', async () => {
    const requests: DetectRequest[] = [];
    const trial = await start({ detect: (request) => (requests.push(request), [person]) });
    await trial.send(frame(1, { detection: { minConfidence: 0.7 } }));
    await until('a result', () => trial.results.length === 1);
    expect(requests).toMatchObject([{ cameraId: 'door', detectors: ['person'], minConfidence: 0.7 }]);
    expect(trial.results).toMatchObject([
      { cameraId: 'door', sequence: 1, detections: [{ label: 'person' }] },
    ]);
  });

  it('skips frames that are too old, from the future, or without detectors', async () => {
    const trial = await start();
    await trial.send(frame(1, { ageMs: 2_001 }));
    await trial.send(frame(2, { ageMs: -2_001 }));
    await trial.send(frame(3, { detection: { enabled: false } }));
    await trial.send(frame(4, { detection: { detectors: [] } }));
    expect(await trial.outcomes(4)).toEqual({ stale: 1, future: 1, disabled: 2 });
    expect(trial.requests()).toBe(0);
    expect(trial.results).toEqual([]);
  });

  it('retries a publication without running the detectors again', async () => {
    const trial = await start({
      publish(attempt) {
        if (attempt <= 2) throw new Error('broker unreachable');
      },
    });
    await trial.send(frame(1));
    await until('a result', () => trial.results.length === 1);
    expect(trial.requests()).toBe(1);
    expect(trial.letters).toEqual([]);
  });

  const failing = (kind: DetectErrorKind, times = Infinity) => ({
    detect(_: DetectRequest, attempt: number) {
      if (attempt <= times) throw new DetectError(kind, 'for the test');
      return [person];
    },
  });

  it('retries a frame whose worker crashed', async () => {
    const trial = await start(failing('worker-lost', 2));
    await trial.send(frame(1));
    await until('a result', () => trial.results.length === 1);
    expect(await trial.outcomes(3)).toEqual({ failed: 2, looked: 1 });
  });

  it.each([
    ['that crashes its worker each time', 'worker-lost', { failed: 2, poison: 1 }],
    ['that cannot be decoded', 'unreadable', { poison: 1 }],
  ] as const)('sends a frame %s to the dead-letter topic', async (_, kind, outcomes) => {
    const trial = await start(failing(kind));
    await trial.send(frame(1));
    await until('a dead letter', () => trial.letters.length === 1);
    expect(trial.letters[0]).toContain('for the test');
    expect(await trial.outcomes(1)).toEqual(outcomes);
  });

  it('drops a frame when the workers are overloaded', async () => {
    const trial = await start(failing('overloaded', 1));
    await trial.send(frame(1));
    await trial.send(frame(2));
    await until('a result', () => trial.results.length === 1);
    expect(trial.results[0]?.sequence).toBe(2);
    expect(await trial.outcomes(2)).toEqual({ dropped: 1, looked: 1 });
    expect(trial.letters).toEqual([]);
  });

  it('publishes responses of the AI service as separate results when they arrive', async () => {
    const results: ((found: Found[]) => void)[] = [];
    const trial = await start({ detect: () => [], offerToHttp: (onFound) => void results.push(onFound) });
    await trial.send(frame(1, { detection: { detectors: ['person', 'http'], minConfidence: 0.5 } }));
    expect(await trial.outcomes(1)).toEqual({ looked: 1 });
    expect(trial.results).toEqual([]);
    results[0]?.([person, { ...person, confidence: 0.4 }]);
    await until('a result', () => trial.results.length === 1);
    expect(trial.results).toMatchObject([
      { detectors: ['http'], sequence: 1, detections: [{ detector: 'http', confidence: 0.9 }] },
    ]);
    results[0]?.([]);
    await until('its end', () => trial.results.length === 2);
    expect(trial.results[1]).toMatchObject({ detectors: ['http'], detections: [] });
  });
});
