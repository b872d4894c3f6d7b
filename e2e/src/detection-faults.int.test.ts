import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { SimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
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

jest.setTimeout(120_000);

describe('detections during outages of Kafka and PostgreSQL', () => {
  let kafka: TestKafka;
  let postgres: TestPostgres;
  let camplane: Camplane;
  let street: SimulatedCamera;
  let events: EventFollower;
  let videoPid: number | undefined;

  beforeAll(async () => {
    [kafka, postgres, street] = await Promise.all([startKafka(), startPostgres(), startStreet()]);
    camplane = await startCamplane({
      environment: { KAFKA_BROKERS: kafka.brokers.join(','), DATABASE_URL: postgres.url },
    });
    events = await followEvents(camplane.url);
    await camplane.createCamera(cameraBody('street', street));
    await waitForDetectionsAfter(0, 3);
    [{ pid: videoPid } = { pid: undefined }] = await camplane.ffmpegOf('street');
  });

  afterAll(async () => {
    events.close();
    await camplane.dispose();
    await Promise.all([street.stop(), kafka.stop(), postgres.stop()]);
  });

  const detectionsAfter = (momentMs: number) =>
    events.detectionsOf('street').filter(({ event }) => Date.parse(event.capturedAt) > momentMs);

  async function waitForDetectionsAfter(momentMs: number, count: number) {
    return waitUntil(
      () => detectionsAfter(momentMs),
      (found) => found.length >= count,
      { what: `${count} results of frames after ${new Date(momentMs).toISOString()}`, timeoutMs: 45_000 },
    );
  }

  async function expectUntouchedVideo(): Promise<void> {
    const [video] = await camplane.ffmpegOf('street');
    expect(video?.pid).toBe(videoPid);
    expect(await camplane.status('street')).toMatchObject({ phase: 'RUNNING', restarts: 0 });
  }

  it('are published while PostgreSQL is down, and stored afterwards without loss', async () => {
    await postgres.kill();
    const published = await waitForDetectionsAfter(Date.now(), 4);
    expect(await camplane.send('listDetections')).toMatchObject({
      status: 503,
      body: { code: 'store-unavailable' },
    });
    await expectUntouchedVideo();
    await postgres.restart();
    const ids = published.flatMap(({ event }) => event.detections.map(({ id }) => id));
    for (const id of ids) {
      await waitUntil(
        () => camplane.send('readDetection', { id }),
        ({ status }) => status === 200,
        { what: `the detection ${id}, published while PostgreSQL was down`, timeoutMs: 45_000 },
      );
    }
  });

  it('resume after a Kafka outage that does not affect the video', async () => {
    await kafka.kill();
    await waitUntil(
      () => camplane.output(),
      (output) => /kafka|broker/i.test(output),
      { what: 'a log line about it', timeoutMs: 20_000 },
    );
    await expectUntouchedVideo();
    await kafka.restart();
    await waitForDetectionsAfter(Date.now(), 3);
    await expectUntouchedVideo();
  });
});
