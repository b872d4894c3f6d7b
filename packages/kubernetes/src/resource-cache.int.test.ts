import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { monotonicClock } from '@camplane/runtime/clock';
import type { TestKubernetesApi } from '@camplane/testkit/kubernetes';
import { startKubernetesApi } from '@camplane/testkit/kubernetes';
import { waitUntil } from '@camplane/testkit/wait-until';
import { createKubernetesApi } from './create-kubernetes-api.ts';
import { createResourceCache } from './create-resource-cache.ts';
import type { ObjectMeta } from './kubernetes-object.ts';
import { resourceTypes } from './kubernetes-object.ts';
import type { ResourceCache } from './resource-cache.ts';
import type { KubernetesObject } from './kubernetes-object.ts';

jest.setTimeout(180_000);

const namespace = 'default';
const patience = { timeoutMs: 60_000 };
const { configMap, secret } = resourceTypes;

let server: TestKubernetesApi;
let api: ReturnType<typeof createKubernetesApi>;
beforeAll(async () => {
  server = await startKubernetesApi();
  api = createKubernetesApi({ kubeConfig: server.kubeConfig, limits: { requestTimeoutMs: 5_000 } });
});
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});
afterAll(async () => {
  api.close();
  await server.stop();
});

function follow(options: { label: string; metadataOnly?: boolean; silenceMaxMs?: number }) {
  const { label, ...rest } = options;
  const cache = createResourceCache({
    ...{ api, type: options.metadataOnly ? secret : configMap, namespace, clock: monotonicClock },
    labelSelector: `of=${label}`,
    log: { info: () => undefined, warn: () => undefined },
    backoff: { baseMs: 50, maxMs: 500 },
    ...rest,
  });
  const stop = new AbortController();
  const running = cache.run(stop.signal);
  stops.push(() => (stop.abort(), running));
  return cache;
}

function make(name: string, label: string, more: object = {}) {
  const metadata: ObjectMeta = { name, namespace, labels: { of: label } };
  return api.create(configMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata, ...more });
}

async function untilNames(cache: ResourceCache<KubernetesObject>, names: string[]): Promise<void> {
  await waitUntil(
    () => ({ names: cache.list().map(({ metadata }) => metadata.name), staleReason: cache.staleReason }),
    (seen) => JSON.stringify(seen.names.toSorted()) === JSON.stringify(names),
    { what: `the cache holds ${names.join(', ')}`, ...patience },
  );
}

describe('a resource cache with a real API server', () => {
  it('matches the server across a restart and expired versions', async () => {
    await make('a', 'killed');
    const cache = follow({ label: 'killed' });
    await cache.whenSynced(AbortSignal.timeout(20_000));
    await make('b', 'killed');
    await untilNames(cache, ['a', 'b']);

    await server.kill();
    await waitUntil(
      () => cache.staleReason,
      (staleReason) => staleReason !== null,
      { what: 'the stale cache', ...patience },
    );
    expect(cache.list()).toHaveLength(2);
    await server.restart();
    await api.remove(configMap, { namespace, name: 'a' });
    await make('c', 'killed');
    await untilNames(cache, ['b', 'c']);
    await waitUntil(
      () => cache.staleReason,
      (staleReason) => staleReason === null,
      { what: 'the current cache', ...patience },
    );
  });

  it('lists again after the server fell silent', async () => {
    const cache = follow({ label: 'silent', silenceMaxMs: 1_500 });
    await cache.whenSynced(AbortSignal.timeout(20_000));
    await server.pause();
    try {
      await waitUntil(
        () => cache.staleReason,
        (staleReason) => /nothing received|timeout after/.test(staleReason ?? ''),
        { what: 'the silence is noticed', ...patience },
      );
    } finally {
      server.resume();
    }
    await make('d', 'silent');
    await untilNames(cache, ['d']);
  });

  it('never receives the values of Secrets', async () => {
    await api.create(secret, {
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace, labels: { of: 'secret' } } },
      ...{ stringData: { password: 'hunter2' } },
    });
    const cache = follow({ label: 'secret', metadataOnly: true });
    await untilNames(cache, ['s']);
    await api.mergePatch(secret, { namespace, name: 's' }, { stringData: { password: 'hunter3' } });
    const { resourceVersion } = (await api.get(secret, { namespace, name: 's' }))?.metadata ?? {};
    await waitUntil(
      () => cache.get('s')?.metadata.resourceVersion,
      (seen) => seen === resourceVersion,
      { what: 'the change is seen', ...patience },
    );
    expect(Object.keys(cache.get('s') ?? {}).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
  });
});
