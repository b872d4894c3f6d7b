import { defaultFfmpegLimits } from '@camplane/ffmpeg/process-limits';
import { anyNetworkPolicy } from '@camplane/camera-source/network/camera-resolver';
import { describe, expect, it } from '@jest/globals';
import { cameraInputSchema } from '@camplane/contracts/camera';
import type { CameraPathConfig } from '@camplane/mediamtx/camera-path';
import { createLogger } from '@camplane/service-kit/logging';
import { createMetrics } from '@camplane/service-kit/metrics';
import { createSimulatedClock } from '@camplane/runtime/simulated-clock';
import { defaultRestartPolicy } from '@camplane/supervisor/restart-policy';
import { createStartBudget } from '@camplane/supervisor/start-budget';
import { createCameraMetrics } from '../status/camera-metrics.ts';
import { createStreamRunner } from './stream-runner.ts';
import { requireStreamSettings } from './stream-settings.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A disabled stream, so that no process starts. Paths and slates are fakes that record the calls. */
function setUp(options: { slate: () => Promise<string>; isRemoved?: boolean }) {
  const notes: string[] = [];
  const set: CameraPathConfig[] = [];
  const { source, ...spec } = cameraInputSchema.parse({ enabled: false, source: { url: 'test:testsrc2' } });
  const settings = requireStreamSettings(
    { id: 'door', spec: { ...spec, source }, credentials: null, generation: 1, startRequestedAt: null },
    'main',
  );
  const runner = createStreamRunner(
    settings,
    {
      clock: createSimulatedClock(),
      wallClock: createSimulatedClock(),
      random: () => 0.5,
      boxes: () => [],
      budget: createStartBudget({ startsPerSecond: 10, burst: 10 }),
      policy: defaultRestartPolicy,
      paths: {
        up: true,
        set: (_name, config) => {
          notes.push('path set');
          set.push(config);
          return Promise.resolve(true);
        },
        remove: () => {
          notes.push('path removed');
          return Promise.resolve(options.isRemoved ?? true);
        },
        run: () => Promise.resolve(),
        refresh: () => Promise.resolve(),
      },
      slates: {
        prepare: () => undefined,
        ensure: options.slate,
        redraw: () => Promise.resolve(true),
        remove: () => {
          notes.push('slate removed');
          return Promise.resolve();
        },
      },
      sampler: { sample: () => Promise.reject(new Error('nothing is live')) },
      log: createLogger({ service: 'test', level: 'silent', format: 'json' }),
      metrics: createCameraMetrics(createMetrics('test', { processMetrics: false })),
      ffmpegPath: 'ffmpeg',
      ffprobePath: 'ffprobe',
      ffmpegLimits: defaultFfmpegLimits,
      networkPolicy: anyNetworkPolicy,
      mediaFolder: '.',
      runFolder: '.',
      publishUrl: (path) => `rtsp://127.0.0.1:1/${path}`,
      tapUrl: (path) => `rtsp://127.0.0.1:1/${path}`,
    },
    { onChange: () => undefined, onFrame: () => undefined, onFramesDiscarded: () => undefined },
  );
  return { runner, notes, set };
}

describe('a stream', () => {
  it('reports a test pattern as encoded in copy mode too', async () => {
    const { runner } = setUp({ slate: () => Promise.resolve('door.mp4') });
    expect(runner.facts().mode).toBe('transcode');
    await runner.stop();
  });

  it('removes its path when it is stopped while its slate is drawn', async () => {
    let drawn: (file: string) => void = () => undefined;
    const { runner, notes } = setUp({ slate: () => new Promise((resolve) => (drawn = resolve)) });
    const stopped = runner.stop();
    await settle();
    drawn('door.mp4');
    await stopped;
    await settle();
    expect(notes.at(-1)).toBe('slate removed');
    expect(notes.lastIndexOf('path removed')).toBeGreaterThan(notes.lastIndexOf('path set'));
  });

  it("uses MediaMTX's own slate if drawing fails", async () => {
    const { runner, set } = setUp({ slate: () => Promise.reject(new Error('the disk is full')) });
    await settle();
    expect(set).toEqual([expect.objectContaining({ alwaysAvailableTracks: [{ codec: 'H264' }] })]);
    await runner.stop();
  });

  it('keeps the slate file if MediaMTX may still have the path', async () => {
    const { runner, notes } = setUp({ slate: () => Promise.resolve('door.mp4'), isRemoved: false });
    await runner.stop();
    expect(notes).toEqual(['path set', 'path removed']);
  });
});
