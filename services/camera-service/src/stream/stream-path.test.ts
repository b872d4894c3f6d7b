import { describe, expect, it } from '@jest/globals';
import type { CameraPathConfig } from '@camplane/mediamtx/camera-path';
import { createLogger } from '@camplane/service-kit/logging';
import { createStreamPath } from './stream-path.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Slates are drawn when the test says so; paths are recorded. */
function setUp() {
  const drawings: (() => void)[] = [];
  const set: CameraPathConfig[] = [];
  const path = createStreamPath(
    'door',
    {
      paths: {
        ...{ up: true, run: () => Promise.resolve(), refresh: () => Promise.resolve() },
        remove: () => Promise.resolve(true),
        set: (_name, config) => {
          set.push(config);
          return Promise.resolve(true);
        },
      },
      slates: {
        prepare: () => undefined,
        ensure: () => new Promise((resolve) => drawings.push(() => resolve('door.mp4'))),
        redraw: () => Promise.resolve(true),
        remove: () => Promise.resolve(),
      },
      log: createLogger({ service: 'test', level: 'silent', format: 'json' }),
      ffmpegPath: 'ffmpeg',
      publishUrl: (name) => `rtsp://127.0.0.1:1/${name}`,
    },
    { camera: 'door', stream: 'main' },
  );
  return { path, set, drawings };
}

describe('the path of a stream', () => {
  it('is announced with a slate', async () => {
    const { path, set, drawings } = setUp();
    const announced = path.announce({ codec: 'h264', audio: false });
    drawings[0]?.();
    expect(await announced).toBe(true);
    expect(set).toEqual([expect.objectContaining({ alwaysAvailableFile: 'door.mp4' })]);
  });

  it('keeps the configuration of the latest call if an earlier slate is drawn late', async () => {
    const { path, set, drawings } = setUp();
    const announced = path.announce({ codec: 'h264', audio: false });
    expect(await path.prepare(null)).toBe(true);
    drawings[0]?.();
    await settle();
    expect(await announced).toBe(false);
    expect(set).toEqual([expect.objectContaining({ alwaysAvailable: false })]);
  });
});
