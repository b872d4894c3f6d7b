import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { detectionSchema } from '@camplane/contracts/camera';
import { framesTopic } from '@camplane/contracts/frame';
import { detectionsTopic } from '@camplane/contracts/topics';
import { createKafkaBus } from '@camplane/event-bus/kafka/kafka-bus';
import type { KafkaBus } from '@camplane/event-bus/kafka/kafka-bus';
import { freePort } from '@camplane/testkit/free-port';
import { startKafka } from '@camplane/testkit/kafka';
import type { TestKafka } from '@camplane/testkit/kafka';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { waitUntil } from '@camplane/testkit/wait-until';
import { squareLabels, squareModel } from './onnx/testing/square-models.ts';
import { drawnImage } from './testing/images.ts';

jest.setTimeout(240_000);

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const cameras = Array.from({ length: 8 }, (_, index) => `camera-${index}`);

/** One consumer group whose members join and leave while frames arrive. No frame may be lost. */
describe('several detection-services', () => {
  let kafka: TestKafka;
  let folder: TemporaryFolder;
  let bus: KafkaBus;
  const members: ChildProcess[] = [];
  /** By frame: the ids of its detections, one entry per published result. */
  const results = new Map<string, string[]>();

  beforeAll(async () => {
    [kafka, folder] = await Promise.all([startKafka(), createTemporaryFolder()]);
    await writeFile(join(folder.path, 'squares.onnx'), squareModel({ width: 128, height: 128 }));
    await writeFile(join(folder.path, 'squares.txt'), squareLabels.join('\n'));
    const log = { warn: () => undefined, error: () => undefined };
    bus = createKafkaBus({ brokers: kafka.brokers, clientId: 'test', log });
    await bus.subscribe(detectionsTopic, { group: 'test' }, ({ key, value }) => {
      const frame = `${key} ${value.capturedAt} ${value.sequence}`;
      if (value.detections.length > 0) {
        const ids = value.detections.map(({ id }) => id).sort();
        results.set(frame, [...(results.get(frame) ?? []), ids.join(' ')]);
      }
    });
  });

  afterAll(async () => {
    await bus.close();
    await Promise.all(members.map((member) => end(member, 'SIGKILL')));
    await kafka.stop();
    await folder.remove();
  });

  async function startMember(): Promise<ChildProcess> {
    const port = await freePort();
    const child = spawn(process.execPath, [main], {
      env: {
        PATH: process.env['PATH'] ?? '',
        LOG_FORMAT: 'text',
        KAFKA_BROKERS: kafka.brokers.join(','),
        DETECTION_SERVICE_PORT: String(port),
        DETECTION_WORKERS: '1',
        // No frame is skipped for its age, so each must lead to a detection.
        DETECTION_FRAME_MAX_AGE: '10m',
        ONNX_MODEL: join(folder.path, 'squares.onnx'),
        ONNX_LABELS: join(folder.path, 'squares.txt'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.resume();
    child.stderr.resume();
    members.push(child);
    await waitUntil(
      () => fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null),
      (answer) => answer?.ok === true,
      { what: 'a detection-service that is ready', timeoutMs: 90_000 },
    );
    return child;
  }

  async function end(member: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    if (member.exitCode !== null || member.signalCode !== null) return;
    const ended = once(member, 'close');
    member.kill(signal);
    await ended;
  }

  it('lose no frame when a member joins, leaves or is killed, and repeat ids for a repeated frame', async () => {
    const jpeg = await drawnImage({ width: 320, height: 180, square: { x: 0.5, y: 0.5 } });
    const detection = detectionSchema.parse({ detectors: ['onnx'] });
    const published: string[] = [];
    let isPublishing = true;
    async function publish(): Promise<void> {
      for (let sequence = 0; isPublishing; sequence++) {
        for (const cameraId of cameras) {
          const capturedAt = Date.now();
          await bus.publish(framesTopic, cameraId, {
            jpeg,
            width: 320,
            height: 180,
            sequence,
            capturedAt,
            detection,
          });
          published.push(`${cameraId} ${new Date(capturedAt).toISOString()} ${sequence}`);
        }
        await delay(300);
      }
    }
    const waitForMore = (count: number) => {
      const goal = results.size + count;
      return waitUntil(
        () => results.size,
        (size) => size >= goal,
        {
          what: `${count} more frames processed`,
          timeoutMs: 60_000,
        },
      );
    };

    const first = await startMember();
    const publishing = publish();
    await waitForMore(cameras.length * 2);
    const second = await startMember();
    await waitForMore(cameras.length * 3);
    await end(second, 'SIGTERM');
    await waitForMore(cameras.length * 3);
    const third = await startMember();
    await waitForMore(cameras.length * 3);
    await end(first, 'SIGKILL');
    await waitForMore(cameras.length * 3);
    isPublishing = false;
    await publishing;
    await waitUntil(
      () => published.filter((frame) => !results.has(frame)),
      (missing) => missing.length === 0,
      { what: 'a detection of every frame that was published', timeoutMs: 60_000 },
    );
    const differing = [...results].filter(([, tellings]) => new Set(tellings).size !== 1);
    expect(differing).toEqual([]);
    await end(third, 'SIGTERM');
  });
});
