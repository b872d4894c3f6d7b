import { describe, expect, it } from '@jest/globals';
import { cameraInputSchema } from '@camplane/contracts/camera';
import type { CameraChange, CameraConfig } from '@camplane/contracts/camera';
import { createLogger } from '@camplane/service-kit/logging';
import { createCameraFleet } from './camera-fleet.ts';
import type { CameraRunner } from './camera-runner.ts';

const log = createLogger({ service: 'test', level: 'silent', format: 'json' });
const settle = () => new Promise((resolve) => setImmediate(resolve));

function camera(id: string, generation = 1): CameraConfig {
  const { source, ...spec } = cameraInputSchema.parse({ source: { url: 'test:testsrc2' } });
  return { id, spec: { ...spec, source }, credentials: null, generation, startRequestedAt: null };
}

/** The feed and the cameras are this module's border: lists are answered when told, runners note what they were asked. */
function setUp() {
  const lists: { resolve(cameras: CameraConfig[]): void; reject(error: Error): void }[] = [];
  let tell: (change: CameraChange) => void = () => undefined;
  const notes: string[] = [];
  let endStops: (() => void)[] = [];
  const stopping = new AbortController();
  const fleet = createCameraFleet({
    feed: {
      list: () => new Promise((resolve, reject) => lists.push({ resolve, reject })),
      subscribe: (listener) => {
        tell = listener;
        return () => undefined;
      },
    },
    log,
    create: ({ id, generation }) => {
      notes.push(`run ${id} ${generation}`);
      const runner: Pick<CameraRunner, 'apply' | 'stop'> = {
        apply: (next) => notes.push(`apply ${next.id} ${next.generation}`),
        stop: () => {
          notes.push(`stop ${id}`);
          return new Promise((resolve) => endStops.push(resolve));
        },
      };
      return runner as CameraRunner;
    },
  });
  const running = fleet.run(stopping.signal);
  return {
    fleet,
    lists,
    notes,
    tell: (change: CameraChange) => tell(change),
    async endStops() {
      for (const end of endStops) end();
      endStops = [];
      await settle();
    },
    async end() {
      stopping.abort();
      await running;
    },
  };
}

describe('the camera fleet', () => {
  it('reads a list again that a change has overtaken, and runs nothing of it', async () => {
    const { lists, notes, tell, end } = setUp();
    tell({ type: 'changed', camera: camera('door', 2) });
    tell({ type: 'changed', camera: camera('gate') });
    tell({ type: 'removed', id: 'gate' });
    lists[0]?.resolve([camera('door', 1), camera('gate')]);
    await settle();
    expect(notes).toEqual(['run door 2', 'run gate 1', 'stop gate']);
    expect(lists).toHaveLength(2);
    lists[1]?.resolve([camera('door', 2)]);
    await settle();
    expect(notes).toHaveLength(3);
    await end();
  });

  it('goes on when the first list cannot be read, and ends while one is being read', async () => {
    const { lists, notes, tell, end } = setUp();
    lists[0]?.reject(new Error('the database is away'));
    await settle();
    tell({ type: 'changed', camera: camera('door') });
    expect(notes).toEqual(['run door 1']);
    await end();
    const reading = setUp();
    await reading.end();
  });

  it('runs a camera of the same name only when the one before has ended', async () => {
    const { lists, notes, tell, endStops, end } = setUp();
    lists[0]?.resolve([camera('door')]);
    await settle();
    tell({ type: 'removed', id: 'door' });
    tell({ type: 'changed', camera: camera('door') });
    await settle();
    expect(notes).toEqual(['run door 1', 'stop door']);
    await endStops();
    expect(notes).toEqual(['run door 1', 'stop door', 'run door 1']);
    await end();
  });
});
