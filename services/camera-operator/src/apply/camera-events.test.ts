import { describe, expect, it } from '@jest/globals';
import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { createSimulatedClock } from '@camplane/runtime/simulated-clock';
import { createLogger } from '@camplane/service-kit/logging';
import { cameraObject } from '../decide/testing/camera-world.ts';
import { createCameraEvents } from './camera-events.ts';

const ready = { type: 'Normal', reason: 'Ready', message: 'Video is live.' } as const;

function startRecorder() {
  const clock = createSimulatedClock(1_000_000);
  const lines: string[] = [];
  const server = { events: new Map<string, unknown>(), failure: undefined as KubernetesError | undefined };
  const events = createCameraEvents({
    api: {
      async create(_type, object) {
        if (server.failure) throw server.failure;
        if (server.events.has(object.metadata.name))
          throw new KubernetesError('already-exists', 'already exists');
        server.events.set(object.metadata.name, object);
        return object;
      },
      async mergePatch(_type, { name }, patch) {
        const event = server.events.get(name);
        if (event === undefined) throw new KubernetesError('not-found', 'not found');
        server.events.set(name, { ...event, ...patch });
        return patch as never;
      },
    },
    identity: 'operator',
    clock,
    wallClock: clock,
    log: createLogger({
      ...{
        service: 'test',
        level: 'warn',
        format: 'json',
        destination: { write: (line) => lines.push(line) },
      },
    }),
  });
  const at = (resourceVersion: string): KubernetesObject => {
    const camera = cameraObject();
    return { ...camera, metadata: { ...camera.metadata, resourceVersion } };
  };
  const record = (version: string, event: Parameters<typeof events.record>[1] = ready) =>
    events.record(at(version), event, new AbortController().signal);
  return { server, clock, lines, record, all: () => [...server.events.values()] };
}

describe('camera events', () => {
  it('count repetitions, and are new for another reason or after a long time', async () => {
    const { clock, record, all } = startRecorder();
    await record('1');
    await record('2');
    await record('3');
    expect(all()).toEqual([
      expect.objectContaining({ reason: 'Ready', series: expect.objectContaining({ count: 3 }) }),
    ]);
    await record('4', { type: 'Warning', reason: 'OutOfMemory', message: 'Killed.' });
    clock.advance(3_600_000);
    await record('5');
    expect(all()).toHaveLength(3);
  });

  it('are created again after they expired', async () => {
    const { server, record, all } = startRecorder();
    await record('1');
    server.events.clear();
    await record('2');
    expect(all()).toEqual([expect.not.objectContaining({ series: expect.anything() })]);
  });

  it('are not duplicated by two operators at the same version', async () => {
    const [first, second] = [startRecorder(), startRecorder()];
    await first.record('1');
    await second.record('1');
    expect([...first.server.events.keys()]).toEqual([...second.server.events.keys()]);
    second.server.events.clear();
    await first.record('1');
    expect(first.all()).toHaveLength(1);
  });

  it('do not fail the caller if they cannot be written', async () => {
    const { server, lines, record } = startRecorder();
    server.failure = new KubernetesError('forbidden', 'not allowed');
    await record('1');
    expect(lines.join('')).toContain('not allowed');
  });
});
