import { describe, expect, it } from '@jest/globals';
import { composeStatus } from '@camplane/camera-service/status/camera-status';
import { cameraSpecSchema, detectionSchema } from '@camplane/contracts/camera';
import type { CameraConfig } from '@camplane/contracts/camera';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import { framesTopic } from '@camplane/contracts/frame';
import { heartbeatMissingAfterMs } from '@camplane/contracts/topics';
import { createStatusBoard } from '@camplane/control-api/status/status-board';
import { createFrameIntake } from '@camplane/detection-service/frames/frame-intake';
import { createIntakeMetrics } from '@camplane/detection-service/frames/intake-metrics';
import { createMemoryBus } from '@camplane/event-bus/memory-bus';
import { endpointsOf } from '@camplane/mediamtx/viewer-addresses';
import { createSimulatedClock } from '@camplane/runtime/simulated-clock';
import type { SimulatedClock } from '@camplane/runtime/simulated-clock';
import { createLogger } from '@camplane/service-kit/logging';
import { createMetrics } from '@camplane/service-kit/metrics';
import { waitUntil } from '@camplane/testkit/wait-until';

const hourMs = 3_600_000;
const noonMs = Date.parse('2026-11-21T12:00:00Z');

/** A machine that has run for 50 s, with the wall clock at noon. */
function machine(): SimulatedClock {
  const clock = createSimulatedClock(50_000);
  clock.suspend(noonMs - 50_000);
  return clock;
}

function statusAt(clock: SimulatedClock): CameraStatus {
  return composeStatus({
    cameraId: 'door',
    facts: {
      detection: null,
      sub: null,
      nowMs: clock.now(),
      main: {
        reading: { isReadable: true, problem: null, browser: null },
        tapFailure: null,
        ...{ enabled: true, onDemand: false, hasDemand: true, mediaServerUp: true, announced: true },
        ...{ generation: 1, mode: 'copy', source: { codec: 'h264', hasBFrames: null }, video: null },
        missingSound: null,
        run: {
          ...{ phase: 'running', inError: false, failure: null, restarts: 0, nextAttemptMs: null },
          runningSinceMs: 20_000,
          lastFrameMs: clock.now() - 40,
        },
      },
    },
    viewers: { total: 0, webrtc: 0, hls: 0 },
    endpoints: endpointsOf('door', false, { rtsp: 'rtsp://h', hls: 'http://h', webrtc: 'http://h' }),
    previous: [],
    epochMs: clock.epochMs(),
  });
}

describe('a laptop that was suspended for an hour', () => {
  it('stamps statuses with the time after the suspend', () => {
    const clock = machine();
    expect(statusAt(clock)).toMatchObject({
      lastHeartbeat: '2026-11-21T12:00:00.000Z',
      lastFrameTime: '2026-11-21T11:59:59.960Z',
      uptimeSeconds: 30,
    });
    clock.suspend(hourMs);
    clock.advance(1_000);
    expect(statusAt(clock)).toMatchObject({
      lastHeartbeat: '2026-11-21T13:00:01.000Z',
      lastFrameTime: '2026-11-21T13:00:00.960Z',
      uptimeSeconds: 31,
    });
  });

  it('does not report cameras as missing: no heartbeat was due while it was suspended', () => {
    const clock = machine();
    const board = createStatusBoard({ clock, wallClock: clock });
    const camera: CameraConfig = {
      ...{ id: 'door', credentials: null, generation: 1, startRequestedAt: null },
      spec: cameraSpecSchema.parse({ source: { url: 'test:testsrc2' } }),
    };
    board.changed({ type: 'changed', camera });
    board.receive(statusAt(clock));
    clock.suspend(hourMs);
    board.sweep();
    expect(board.get('door')).toMatchObject({ phase: 'RUNNING' });
    clock.advance(heartbeatMissingAfterMs);
    board.sweep();
    expect(board.get('door')).toMatchObject({ phase: 'ERROR', reason: 'HeartbeatMissing' });
  });

  it('skips frames from before the suspend and processes those after it', async () => {
    const clock = machine();
    const log = createLogger({ service: 'test', level: 'silent', format: 'json' });
    const metrics = createMetrics('test', { processMetrics: false });
    const bus = createMemoryBus({ maxPending: 10, log });
    const processed: number[] = [];
    const intake = createFrameIntake({
      ...{ bus, workers: 1, log, clock, wallClock: clock, metrics: createIntakeMetrics(metrics) },
      pool: {
        detect: ({ capturedAt }) => {
          processed.push(capturedAt);
          return Promise.resolve({ width: 640, height: 360, results: [] });
        },
      },
    });
    await intake.start();
    const before = clock.epochMs();
    clock.suspend(hourMs);
    const after = clock.epochMs();
    for (const [sequence, capturedAt] of [before, after].entries()) {
      const detection = detectionSchema.parse({ detectors: ['motion'] });
      const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xd9]);
      await bus.publish(framesTopic, 'door', {
        ...{ capturedAt, sequence, width: 640, height: 360, detection, jpeg },
      });
    }
    const outcomes = async () => {
      const metric = await metrics.registry.getSingleMetric('camplane_detection_frames_total')?.get();
      return metric?.values.map(({ labels }) => String(labels['outcome'])) ?? [];
    };
    await waitUntil(outcomes, (seen) => seen.length === 2, { what: 'both frames are counted' });
    expect((await outcomes()).sort()).toEqual(['looked', 'stale']);
    expect(processed).toEqual([after]);
    await intake.stop();
    await bus.close();
  });
});
