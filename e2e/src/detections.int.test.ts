import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { RawInput } from '@camplane/api-client/operation-url';
import type { SimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import { detectionListSchema, storedDetectionSchema } from '@camplane/contracts/detection';
import type { StoredDetection } from '@camplane/contracts/detection';
import { startCamplane } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';
import { startKafka } from '@camplane/testkit/kafka';
import type { TestKafka } from '@camplane/testkit/kafka';
import { startPostgres } from '@camplane/testkit/postgres';
import type { TestPostgres } from '@camplane/testkit/postgres';
import { waitUntil } from '@camplane/testkit/wait-until';
import { cameraBody, startStreet } from './cameras.ts';
import { followEvents } from '@camplane/testkit/follow-events';
import type { EventFollower } from '@camplane/testkit/follow-events';

jest.setTimeout(150_000);

type Backends = { kafka: TestKafka; postgres: TestPostgres };

const installations: [string, () => Promise<Backends | null>][] = [
  ['the embedded bus and database', () => Promise.resolve(null)],
  [
    'Kafka and PostgreSQL',
    async () => {
      const [kafka, postgres] = await Promise.all([startKafka(), startPostgres()]);
      return { kafka, postgres };
    },
  ],
];

describe.each(installations)('detections over %s', (_name, startBackends) => {
  let backends: Backends | null = null;
  let camplane: Camplane;
  let street: SimulatedCamera;
  let events: EventFollower;

  beforeAll(async () => {
    [backends, street] = await Promise.all([startBackends(), startStreet()]);
    camplane = await startCamplane({
      environment: backends
        ? { KAFKA_BROKERS: backends.kafka.brokers.join(','), DATABASE_URL: backends.postgres.url }
        : {},
    });
    events = await followEvents(camplane.url);
    await camplane.createCamera(cameraBody('street', street));
  });

  afterAll(async () => {
    events?.close();
    await camplane?.dispose();
    await Promise.all([street.stop(), backends?.kafka.stop(), backends?.postgres.stop()]);
  });

  const people = () =>
    events
      .detectionsOf('street')
      .flatMap(({ event, receivedAt }) =>
        event.detections
          .filter(({ label }) => label === 'person')
          .map((detection) => ({ detection, event, receivedAt })),
      );

  async function stored(query: NonNullable<RawInput['query']>): Promise<StoredDetection[]> {
    const answer = await camplane.send('listDetections', { query });
    expect({ query, status: answer.status, body: answer.body }).toMatchObject({ status: 200 });
    return detectionListSchema.parse(answer.body).items;
  }

  async function waitForPeople(more: number, timeoutMs = 30_000): Promise<void> {
    const before = people().length;
    await waitUntil(
      () => people().length,
      (count) => count >= before + more,
      {
        what: `${more} more people`,
        timeoutMs,
      },
    );
  }

  it('find people and publish them at once', async () => {
    await waitForPeople(6);
    const found = people();
    for (const { detection, event, receivedAt } of found) {
      expect(detection.confidence).toBeGreaterThanOrEqual(0.5);
      expect(event.frame.width).toBe(640);
      // Generous for a busy machine: the bench measures the promise.
      expect(receivedAt - Date.parse(event.capturedAt)).toBeLessThan(3000);
    }
    // A person is tracked from frame to frame.
    const longestTrack = () => {
      const byTrack = Map.groupBy(people(), ({ detection }) => detection.trackId);
      return Math.max(...[...byTrack.values()].map((seen) => seen.length));
    };
    await waitUntil(longestTrack, (length) => length >= 3, {
      what: 'a track of three',
      timeoutMs: 30_000,
    });
  });

  it('are stored once, with their image', async () => {
    const [published] = people();
    if (!published) throw new Error('no person was found');
    const { id } = published.detection;
    const kept = await waitUntil(
      () => camplane.send('readDetection', { id }),
      ({ status }) => status === 200,
      { what: 'the stored detection' },
    );
    const detection = storedDetectionSchema.parse(kept.body);
    expect(detection).toMatchObject({ id, cameraId: 'street', label: 'person', detector: 'person' });
    const items = await stored({ cameraId: 'street', label: 'person', limit: 200 });
    expect(items.length).toBeGreaterThan(0);
    expect(items.filter((item) => item.label !== 'person' || item.cameraId !== 'street')).toEqual([]);
    const [pictured] = items.filter(({ imagePath }) => imagePath !== null);
    if (!pictured) throw new Error('no detection has an image');
    const image = await fetch(`${camplane.url}${pictured.imagePath}`);
    expect(image.headers.get('content-type')).toBe('image/jpeg');
    const bytes = new Uint8Array(await image.arrayBuffer());
    expect([...bytes.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
  });

  it('stop and start at once when switched, without affecting the video', async () => {
    await waitForPeople(1);
    const [before] = await camplane.ffmpegOf('street');
    await camplane.send('replaceCamera', {
      id: 'street',
      body: withoutId(cameraBody('street', street, { detection: { enabled: false } })),
    });
    // Frames in flight at the switch may still produce detections.
    const lastCapturedAt = Date.now() + 1000;
    // A detection that must not come can only be waited for: three seconds are several times their usual interval.
    await new Promise((resolve) => setTimeout(resolve, 4000));
    const late = people().filter(({ event }) => Date.parse(event.capturedAt) > lastCapturedAt);
    expect(late).toEqual([]);
    await camplane.send('replaceCamera', {
      id: 'street',
      body: withoutId(cameraBody('street', street, { detection: { enabled: true, detectors: ['motion'] } })),
    });
    const motionAgain = () =>
      events.detectionsOf('street').some(({ event }) => Date.parse(event.capturedAt) > lastCapturedAt + 3000);
    await waitUntil(motionAgain, (isAgain) => isAgain, { what: 'motion', timeoutMs: 30_000 });
    const since = events
      .detectionsOf('street')
      .filter(({ event }) => Date.parse(event.capturedAt) > lastCapturedAt + 3000);
    expect(new Set(since.flatMap(({ event }) => event.detections.map(({ label }) => label)))).toEqual(
      new Set(['motion']),
    );
    const [after] = await camplane.ffmpegOf('street');
    expect(after?.pid).toBe(before?.pid);
    await camplane.send('replaceCamera', { id: 'street', body: withoutId(cameraBody('street', street)) });
    await waitForPeople(1);
  });
});

function withoutId({ id: _id, ...camera }: Record<string, unknown>): Record<string, unknown> {
  return camera;
}
