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

/** The feed and the runners are fakes: the test resolves the lists, and runners record the calls. */
function setUp() {
  const lists: { resolve(cameras: CameraConfig[]): void; reject(error: Error): void }[] = [];
  let notify: (change: CameraChange) => void = () => undefined;
  const notes: string[] = [];
  let endStops: (() => void)[] = [];
  const stopping = new AbortController();
  const fleet = createCameraFleet({
    feed: {
      list: () => new Promise((resolve, reject) => lists.push({ resolve, reject })),
      subscribe: (listener) => {
        notify = listener;
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
    notify: (change: CameraChange) => notify(change),
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
  it('discards a list if a change arrived meanwhile, and lists again', async () => {
    const { lists, notes, notify, end } = setUp();
    notify({ type: 'changed', camera: camera('door', 2) });
    notify({ type: 'changed', camera: camera('gate') });
    notify({ type: 'removed', id: 'gate' });
    lists[0]?.resolve([camera('door', 1), camera('gate')]);
    await settle();
    expect(notes).toEqual(['run door 2', 'run gate 1', 'stop gate']);
    expect(lists).toHaveLength(2);
    lists[1]?.resolve([camera('door', 2)]);
    await settle();
    expect(notes).toHaveLength(3);
    await end();
  });

  it('continues after a failed list, and ends during a pending one', async () => {
    const { lists, notes, notify, end } = setUp();
    lists[0]?.reject(new Error('database unreachable'));
    await settle();
    notify({ type: 'changed', camera: camera('door') });
    expect(notes).toEqual(['run door 1']);
    await end();
    const reading = setUp();
    await reading.end();
  });

  it('starts a camera only after its predecessor of the same name has ended', async () => {
    const { lists, notes, notify, endStops, end } = setUp();
    lists[0]?.resolve([camera('door')]);
    await settle();
    notify({ type: 'removed', id: 'door' });
    notify({ type: 'changed', camera: camera('door') });
    await settle();
    expect(notes).toEqual(['run door 1', 'stop door']);
    await endStops();
    expect(notes).toEqual(['run door 1', 'stop door', 'run door 1']);
    await end();
  });
});
