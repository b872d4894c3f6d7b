import { describe, expect, it } from '@jest/globals';
import { createSimulatedClock } from '@camplane/runtime/simulated-clock';
import { createResourceCache } from './create-resource-cache.ts';
import type { CacheLog } from './create-resource-cache.ts';
import type { KubernetesApi, WatchEvent } from './kubernetes-api.ts';
import { KubernetesError } from './kubernetes-error.ts';
import type { KubernetesObject } from './kubernetes-object.ts';
import { resourceTypes } from './kubernetes-object.ts';

const logged = { info: () => undefined, warn: () => undefined };

function object(name: string, resourceVersion: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, resourceVersion, uid: name, managedFields: [{}] },
  };
}

type Watch = {
  from: string;
  send(event: WatchEvent<KubernetesObject>): void;
  end(): void;
  fail(error: Error): void;
};

/** A server whose lists and watch events the test scripts. */
function scriptedServer() {
  const lists: (KubernetesObject[] | Error)[] = [];
  const watches: Watch[] = [];
  let listed = 0;
  const api = {
    async list() {
      listed += 1;
      const next = lists.shift() ?? new KubernetesError('unavailable', 'nothing to list');
      if (next instanceof Error) throw next;
      return { resourceVersion: `list-${listed}`, items: next };
    },
    watch(_type: unknown, options: { resourceVersion: string }, onEvent: never, signal: AbortSignal) {
      return new Promise<void>((resolve, reject) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
        watches.push({ from: options.resourceVersion, send: onEvent, end: resolve, fail: reject });
      });
    },
  } as unknown as Pick<KubernetesApi, 'list' | 'watch'>;
  return { api, lists, watches, listed: () => listed };
}

function start(server: ReturnType<typeof scriptedServer>, log: CacheLog = logged) {
  const clock = createSimulatedClock();
  const cache = createResourceCache({
    ...{ api: server.api, type: resourceTypes.pod, namespace: 'default', log, clock },
    random: () => 1,
    backoff: { baseMs: 100, maxMs: 1_000 },
  });
  const notified: string[] = [];
  cache.subscribe((name) => notified.push(name));
  const stop = new AbortController();
  const running = cache.run(stop.signal);
  return { clock, cache, notified, stop: () => (stop.abort(), running) };
}

/** Lets pending callbacks run. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('a resource cache', () => {
  it('is not synced before the first list', async () => {
    const server = scriptedServer();
    server.lists.push(new KubernetesError('unavailable', 'unreachable'), [object('a', '1')]);
    const { cache, clock, stop, notified } = start(server);
    await settle();
    expect([cache.synced, cache.staleReason]).toEqual([false, 'unreachable']);
    clock.advance(100);
    await settle();
    expect([cache.synced, cache.staleReason, notified]).toEqual([true, null, ['a']]);
    await cache.whenSynced(AbortSignal.timeout(1_000));
    expect(cache.get('a')?.metadata.managedFields).toBeUndefined();
    await stop();
  });

  it('follows events and continues from the last version', async () => {
    const server = scriptedServer();
    server.lists.push([object('a', '1')]);
    const { cache, clock, notified, stop } = start(server);
    await settle();
    server.watches[0]?.send({ type: 'ADDED', object: object('b', '2') });
    server.watches[0]?.send({ type: 'MODIFIED', object: object('a', '3') });
    server.watches[0]?.send({ type: 'DELETED', object: object('b', '4') });
    server.watches[0]?.send({ type: 'BOOKMARK', resourceVersion: '9' });
    expect(notified).toEqual(['a', 'b', 'a', 'b']);
    expect(cache.list().map(({ metadata }) => metadata.resourceVersion)).toEqual(['3']);
    clock.advance(5_000);
    server.watches[0]?.end();
    await settle();
    expect([server.watches[1]?.from, server.listed()]).toEqual(['9', 1]);
    await stop();
  });

  it('notifies about removed and changed objects between two lists', async () => {
    const server = scriptedServer();
    server.lists.push(
      [object('gone', '1'), object('same', '2'), object('changed', '3')],
      [object('same', '2'), object('changed', '4'), object('new', '5')],
    );
    const { cache, clock, notified, stop } = start(server);
    await settle();
    notified.length = 0;
    server.watches[0]?.fail(new KubernetesError('gone', 'too old'));
    await settle();
    clock.advance(100);
    await settle();
    expect(notified).toEqual(['gone', 'changed', 'new']);
    expect(cache.get('gone')).toBeUndefined();
    await stop();
  });

  it('backs off exponentially, honours Retry-After, and resets after an event', async () => {
    const server = scriptedServer();
    const { cache, clock, stop } = start(server);
    const delayMs = async () => {
      const before = server.listed();
      for (let ms = 0; ms <= 20_000; ms += 50) {
        await settle();
        if (server.listed() > before) return ms;
        clock.advance(50);
      }
      return Infinity;
    };
    await settle();
    expect([await delayMs(), await delayMs(), await delayMs()]).toEqual([100, 200, 400]);
    expect([await delayMs(), await delayMs()]).toEqual([800, 1_000]);
    server.lists.push(new KubernetesError('too-many-requests', 'slowly', { retryAfterMs: 5_000 }), []);
    expect([await delayMs(), await delayMs()]).toEqual([1_000, 5_000]);
    await settle();
    server.watches[0]?.send({ type: 'BOOKMARK', resourceVersion: '7' });
    server.watches[0]?.fail(new KubernetesError('unavailable', 'connection lost'));
    expect(await delayMs()).toBe(100);
    await settle();
    expect(cache.staleReason).toBe('nothing to list');
    await stop();
  });

  it('lists again at once without a warning after a silent watch', async () => {
    const server = scriptedServer();
    server.lists.push([object('a', '1')], [object('a', '2')], [object('a', '2')]);
    const warnings: string[] = [];
    const warn = (_fields: object, message: string) => void warnings.push(message);
    const { cache, stop } = start(server, { ...logged, warn });
    await settle();
    for (const watch of [0, 1]) {
      server.watches[watch]?.fail(new KubernetesError('silent', 'nothing received'));
      await settle();
    }
    expect([server.listed(), server.watches.length, cache.staleReason, warnings]).toEqual([3, 3, null, []]);
    await stop();
  });

  it('backs off if watches end immediately', async () => {
    const server = scriptedServer();
    server.lists.push([]);
    const { cache, stop } = start(server);
    await settle();
    server.watches[0]?.end();
    await settle();
    expect([server.watches.length, cache.staleReason]).toEqual([1, 'the watch of pods ended immediately']);
    await stop();
  });

  it('reports the time since the last event', async () => {
    const server = scriptedServer();
    server.lists.push([]);
    const { cache, clock, stop } = start(server);
    await settle();
    clock.advance(7_000);
    expect(cache.staleMs()).toBe(7_000);
    server.watches[0]?.send({ type: 'BOOKMARK', resourceVersion: '7' });
    expect(cache.staleMs()).toBe(0);
    await stop();
  });

  it('stops waiting on abort', async () => {
    const { cache, stop } = start(scriptedServer());
    await expect(cache.whenSynced(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    await stop();
  });
});
