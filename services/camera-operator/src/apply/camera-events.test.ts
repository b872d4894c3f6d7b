import { describe, expect, it } from '@jest/globals';
import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { createSimulatedClock } from '@camplane/runtime/simulated-clock';
import { createLogger } from '@camplane/service-kit/logging';
import { cameraObject } from '../decide/testing/camera-world.ts';
import { createCameraEvents } from './camera-events.ts';

const ready = { type: 'Normal', reason: 'Ready', message: 'Video is live.' } as const;

function recorded() {
  const clock = createSimulatedClock(1_000_000);
  const lines: string[] = [];
  const server = { events: new Map<string, unknown>(), failure: undefined as KubernetesError | undefined };
  const events = createCameraEvents({
    api: {
      async create(_type, object) {
        if (server.failure) throw server.failure;
        if (server.events.has(object.metadata.name))
          throw new KubernetesError('already-exists', 'there is one');
        server.events.set(object.metadata.name, object);
        return object;
      },
      async mergePatch(_type, { name }, patch) {
        const event = server.events.get(name);
        if (event === undefined) throw new KubernetesError('not-found', 'there is none');
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
  const tell = (version: string, event: Parameters<typeof events.tell>[1] = ready) =>
    events.tell(at(version), event, new AbortController().signal);
  return { server, clock, lines, tell, all: () => [...server.events.values()] };
}

describe('events of cameras', () => {
  it('count what is told again, and are new for something else, or after a long time', async () => {
    const { clock, tell, all } = recorded();
    await tell('1');
    await tell('2');
    await tell('3');
    expect(all()).toEqual([
      expect.objectContaining({ reason: 'Ready', series: expect.objectContaining({ count: 3 }) }),
    ]);
    await tell('4', { type: 'Warning', reason: 'OutOfMemory', message: 'Killed.' });
    clock.advance(3_600_000);
    await tell('5');
    expect(all()).toHaveLength(3);
  });

  it('are made anew where the API server has forgotten them', async () => {
    const { server, tell, all } = recorded();
    await tell('1');
    server.events.clear();
    await tell('2');
    expect(all()).toEqual([expect.not.objectContaining({ series: expect.anything() })]);
  });

  it('are one where two operators tell of the same version', async () => {
    const [first, second] = [recorded(), recorded()];
    await first.tell('1');
    await second.tell('1');
    expect([...first.server.events.keys()]).toEqual([...second.server.events.keys()]);
    second.server.events.clear();
    await first.tell('1');
    expect(first.all()).toHaveLength(1);
  });

  it('hold nothing up where they cannot be written', async () => {
    const { server, lines, tell } = recorded();
    server.failure = new KubernetesError('forbidden', 'may not');
    await tell('1');
    expect(lines.join('')).toContain('may not');
  });
});
