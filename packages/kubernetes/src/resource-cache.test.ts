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

/** A server of which the test says what it lists, and what its watches tell. */
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
  const told: string[] = [];
  cache.subscribe((name) => told.push(name));
  const stop = new AbortController();
  const running = cache.run(stop.signal);
  return { clock, cache, told, stop: () => (stop.abort(), running) };
}

/** Lets everything that can go on go on. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('a resource cache', () => {
  it('concludes nothing before it has listed, and then holds what is there', async () => {
    const server = scriptedServer();
    server.lists.push(new KubernetesError('unavailable', 'away'), [object('a', '1')]);
    const { cache, clock, stop, told } = start(server);
    await settle();
    expect([cache.synced, cache.trouble]).toEqual([false, 'away']);
    clock.advance(100);
    await settle();
    expect([cache.synced, cache.trouble, told]).toEqual([true, null, ['a']]);
    await cache.whenSynced(AbortSignal.timeout(1_000));
    expect(cache.get('a')?.metadata.managedFields).toBeUndefined();
    await stop();
  });

  it('follows what is added, changed and removed, and goes on from the last version', async () => {
    const server = scriptedServer();
    server.lists.push([object('a', '1')]);
    const { cache, clock, told, stop } = start(server);
    await settle();
    server.watches[0]?.send({ type: 'ADDED', object: object('b', '2') });
    server.watches[0]?.send({ type: 'MODIFIED', object: object('a', '3') });
    server.watches[0]?.send({ type: 'DELETED', object: object('b', '4') });
    server.watches[0]?.send({ type: 'BOOKMARK', resourceVersion: '9' });
    expect(told).toEqual(['a', 'b', 'a', 'b']);
    expect(cache.list().map(({ metadata }) => metadata.resourceVersion)).toEqual(['3']);
    clock.advance(5_000);
    server.watches[0]?.end();
    await settle();
    expect([server.watches[1]?.from, server.listed()]).toEqual(['9', 1]);
    await stop();
  });

  it('tells what vanished, and only what changed, between two lists', async () => {
    const server = scriptedServer();
    server.lists.push(
      [object('gone', '1'), object('same', '2'), object('changed', '3')],
      [object('same', '2'), object('changed', '4'), object('new', '5')],
    );
    const { cache, clock, told, stop } = start(server);
    await settle();
    told.length = 0;
    server.watches[0]?.fail(new KubernetesError('gone', 'too old'));
    await settle();
    clock.advance(100);
    await settle();
    expect(told).toEqual(['gone', 'changed', 'new']);
    expect(cache.get('gone')).toBeUndefined();
    await stop();
  });

  it('waits longer after each failure, as long as the server asks, and briefly again once it hears something', async () => {
    const server = scriptedServer();
    const { cache, clock, stop } = start(server);
    const pauseMs = async () => {
      const before = server.listed();
      for (let ms = 0; ms <= 20_000; ms += 50) {
        await settle();
        if (server.listed() > before) return ms;
        clock.advance(50);
      }
      return Infinity;
    };
    await settle();
    expect([await pauseMs(), await pauseMs(), await pauseMs()]).toEqual([100, 200, 400]);
    expect([await pauseMs(), await pauseMs()]).toEqual([800, 1_000]);
    server.lists.push(new KubernetesError('too-many-requests', 'slowly', { retryAfterMs: 5_000 }), []);
    expect([await pauseMs(), await pauseMs()]).toEqual([1_000, 5_000]);
    await settle();
    server.watches[0]?.send({ type: 'BOOKMARK', resourceVersion: '7' });
    server.watches[0]?.fail(new KubernetesError('unavailable', 'broke off'));
    expect(await pauseMs()).toBe(100);
    await settle();
    expect(cache.trouble).toBe('nothing to list');
    await stop();
  });

  it('lists anew at once, and says nothing, where a watch that began well fell silent', async () => {
    const server = scriptedServer();
    server.lists.push([object('a', '1')], [object('a', '2')], [object('a', '2')]);
    const warnings: string[] = [];
    const warn = (_fields: object, message: string) => void warnings.push(message);
    const { cache, stop } = start(server, { ...logged, warn });
    await settle();
    for (const watch of [0, 1]) {
      server.watches[watch]?.fail(new KubernetesError('silent', 'nothing was heard'));
      await settle();
    }
    expect([server.listed(), server.watches.length, cache.trouble, warnings]).toEqual([3, 3, null, []]);
    await stop();
  });

  it('does not go round and round where watches end at once', async () => {
    const server = scriptedServer();
    server.lists.push([]);
    const { cache, stop } = start(server);
    await settle();
    server.watches[0]?.end();
    await settle();
    expect([server.watches.length, cache.trouble]).toEqual([
      1,
      'the watch of pods ended as soon as it began',
    ]);
    await stop();
  });

  it('knows for how long it has heard nothing', async () => {
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

  it('gives up waiting with the signal', async () => {
    const { cache, stop } = start(scriptedServer());
    await expect(cache.whenSynced(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    await stop();
  });
});
