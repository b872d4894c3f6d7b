import type { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { TestKubernetesApi } from '@camplane/testkit/kubernetes';
import { startKubernetesApi } from '@camplane/testkit/kubernetes';
import { waitUntil } from '@camplane/testkit/wait-until';
import { createKubernetesApi } from './create-kubernetes-api.ts';
import type { KubernetesApiLimits } from './create-kubernetes-api.ts';
import type { WatchEvent } from './kubernetes-api.ts';
import { KubernetesError } from './kubernetes-error.ts';
import type { KubernetesErrorKind } from './kubernetes-error.ts';
import type { KubernetesObject } from './kubernetes-object.ts';
import { resourceTypes } from './kubernetes-object.ts';
import { loadKubeConfig } from './load-kube-config.ts';

jest.setTimeout(120_000);

const namespace = 'default';
const { configMap, secret, pod, camera, lease } = resourceTypes;

type ConfigMap = KubernetesObject & { data?: Record<string, string> };

let server: TestKubernetesApi;
const opened: { close(): void }[] = [];
beforeAll(async () => {
  server = await startKubernetesApi();
});
afterAll(async () => {
  for (const api of opened) api.close();
  await server.stop();
});

function open(limits: Partial<KubernetesApiLimits> = {}, kubeConfig?: KubeConfig) {
  const api = createKubernetesApi({
    kubeConfig: kubeConfig ?? loadKubeConfig({ kubeConfigFile: server.kubeConfigFile }),
    limits,
  });
  opened.push(api);
  return api;
}

function configMapNamed(name: string, data: Record<string, string> = {}): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

async function failureOf(work: Promise<unknown>): Promise<KubernetesError> {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof KubernetesError)) throw new Error(`no KubernetesError: ${String(thrown)}`);
  return thrown;
}

describe('one object', () => {
  it('is created, read, replaced, applied, patched and removed', async () => {
    const api = open();
    const made = await api.create<ConfigMap>(configMap, configMapNamed('one', { a: '1' }));
    expect(made).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'one' }, data: { a: '1' } });

    const replaced = await api.replace<ConfigMap>(configMap, { ...made, data: { a: '2' } });
    expect(replaced.data).toEqual({ a: '2' });
    expect((await failureOf(api.replace(configMap, made))).kind).toBe('conflict');

    const applied = await api.apply<ConfigMap>(configMap, configMapNamed('one', { b: '3' }), {
      fieldManager: 'tester',
    });
    expect(applied.data).toEqual({ a: '2', b: '3' });
    const patched = await api.mergePatch<ConfigMap>(
      configMap,
      { namespace, name: 'one' },
      { data: { a: null } },
    );
    expect(patched.data).toEqual({ b: '3' });
    expect((await api.get<ConfigMap>(configMap, { namespace, name: 'one' }))?.data).toEqual({ b: '3' });

    const wrongUid = { uid: '00000000-0000-0000-0000-000000000000' };
    expect((await failureOf(api.remove(configMap, { namespace, name: 'one' }, wrongUid))).kind).toBe(
      'conflict',
    );
    const { uid = '' } = made.metadata;
    expect(await api.remove(configMap, { namespace, name: 'one' }, { uid })).toBe(true);
    expect(await api.remove(configMap, { namespace, name: 'one' })).toBe(false);
    expect(await api.get(configMap, { namespace, name: 'one' })).toBeUndefined();
  });

  it('is not created in a dry run', async () => {
    const api = open();
    await api.create(configMap, configMapNamed('dry'), { dryRun: true });
    await api.apply(configMap, configMapNamed('dry'), { fieldManager: 'tester', dryRun: true });
    expect(await api.get(configMap, { namespace, name: 'dry' })).toBeUndefined();
  });
});

describe('a failure', () => {
  const ref = { namespace, name: 'missing' };
  const cases: [KubernetesErrorKind, string, () => Promise<unknown>][] = [
    ['invalid', 'an invalid name', () => open().create(configMap, configMapNamed('Not A Name'))],
    ['already-exists', 'a second object of that name', () => makeTwice('twice')],
    ['not-found', 'a patch of a missing object', () => open().mergePatch(configMap, ref, { data: {} })],
    ['not-found', 'a kind that is not installed', () => open().get(camera, ref)],
    ['conflict', 'a field of another manager', () => applyForeignField('foreign')],
    ['unauthorized', 'an unknown token', () => open({}, kubeConfigWith({ token: 'nobody' })).list(pod, ref)],
    [
      'forbidden',
      'a user without rights',
      () => open({}, kubeConfigWith({ token: server.token, as: 'guest' })).list(pod, ref),
    ],
    [
      'not-understood',
      'a response above the limit',
      () => open({ responseMaxBytes: 10 }).list(configMap, ref),
    ],
    ['not-found', 'the log of no pod', () => open().podLog(ref, { container: 'a' })],
  ];
  it.each(cases)('is of kind %s for %s', async (kind, _what, act) => {
    const error = await failureOf(act());
    expect({ kind: error.kind, message: error.message }).toEqual({ kind, message: expect.any(String) });
    expect(error.message).not.toContain(server.token);
  });

  it('lists the invalid fields', async () => {
    const error = await failureOf(open().create(configMap, configMapNamed('Not A Name')));
    expect(error.causes).toEqual([{ field: 'metadata.name', message: expect.stringContaining('RFC 1123') }]);
    expect(error).toMatchObject({ status: 422, retryable: false });
  });

  it('distinguishes a missing kind from a missing object', async () => {
    const error = await failureOf(open().list(camera, { namespace }));
    expect(error.message).toContain('does not serve this kind of resource');
  });

  it('is a conflict for a lease that was changed meanwhile', async () => {
    const api = open();
    const first = await api.create(lease, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'held', namespace },
    });
    await api.mergePatch(lease, { namespace, name: 'held' }, { spec: { holderIdentity: 'b' } });
    expect((await failureOf(api.replace(lease, first))).kind).toBe('conflict');
  });

  async function makeTwice(name: string) {
    const api = open();
    await api.create(configMap, configMapNamed(name));
    await api.create(configMap, configMapNamed(name));
  }
  async function applyForeignField(name: string) {
    const api = open();
    await api.apply(configMap, configMapNamed(name, { a: 'mine' }), { fieldManager: 'one' });
    await api.apply(configMap, configMapNamed(name, { a: 'yours' }), { fieldManager: 'two' });
  }
});

describe('a list', () => {
  it('is read page by page', async () => {
    const api = open({ pageSize: 3 });
    const labels = { paged: 'yes' };
    for (let n = 0; n < 8; n += 1) {
      const object = configMapNamed(`paged-${n}`);
      await api.create(configMap, { ...object, metadata: { ...object.metadata, labels } });
    }
    const list = await api.list(configMap, { namespace, labelSelector: 'paged=yes' });
    expect(list.items.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(
      Array.from({ length: 8 }, (_, n) => `ConfigMap paged-${n}`),
    );
    expect(list.resourceVersion).toMatch(/^\d+$/);
    const error = await failureOf(open({ pageSize: 3, pagesMax: 2 }).list(configMap, { namespace }));
    expect(error.message).toContain('more than 6 configmaps');
  });
});

describe('metadata only', () => {
  it('contains no data, listed or watched', async () => {
    const api = open();
    const made = (name: string) => ({
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace, labels: { canary: 'yes' } } },
      stringData: { password: 'hunter2' },
    });
    await api.create(secret, made('first'));
    const options = { namespace, labelSelector: 'canary=yes', metadataOnly: true };
    const list = await api.list(secret, options);
    expect(list.items.map((item) => Object.keys(item).sort())).toEqual([['apiVersion', 'kind', 'metadata']]);
    expect(list.items[0]).toMatchObject({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'first' } });

    const events: WatchEvent<KubernetesObject>[] = [];
    const stop = new AbortController();
    const { resourceVersion } = list;
    const watching = api.watch(secret, { ...options, resourceVersion }, (e) => events.push(e), stop.signal);
    await api.create(secret, made('second'));
    await waitUntil(
      () => events.filter((event) => event.type === 'ADDED').length,
      (count) => count === 1,
      { what: 'the second secret is seen', timeoutMs: 20_000 },
    );
    stop.abort();
    await watching;
    // "aHVudGVyMg==" is the same in base64, as a Secret carries it.
    expect(JSON.stringify([list, events])).not.toMatch(/hunter2|aHVudGVyMg/);
  });
});

describe('an unreachable or silent server', () => {
  it('is unavailable within the time limit, and used again once reachable', async () => {
    const api = open({ requestTimeoutMs: 1_000 });
    await api.list(configMap, { namespace });
    await server.pause();
    try {
      expect(await failureOf(api.list(configMap, { namespace }))).toMatchObject({
        kind: 'unavailable',
        status: null,
        message: expect.stringContaining('timeout after 1000 ms'),
      });
    } finally {
      server.resume();
    }
    await server.kill();
    expect((await failureOf(api.list(configMap, { namespace }))).kind).toBe('unavailable');
    await server.restart();
    await api.list(configMap, { namespace });
  });

  it('has no old versions after a restart', async () => {
    const api = open();
    await api.create(configMap, configMapNamed('before'));
    await server.kill();
    await server.restart();
    const watching = api.watch(
      configMap,
      { namespace, resourceVersion: '1' },
      () => undefined,
      AbortSignal.timeout(30_000),
    );
    expect(await failureOf(watching)).toMatchObject({ kind: 'gone', retryable: true });
  });

  it('is not waited for after an abort', async () => {
    await server.pause();
    try {
      const error = await failureOf(open().list(configMap, { namespace }, AbortSignal.timeout(100)));
      expect(error.kind).toBe('unavailable');
    } finally {
      server.resume();
    }
  });
});

function kubeConfigWith(user: { token: string; as?: string }): KubeConfig {
  const kubeConfig = loadKubeConfig({ kubeConfigFile: server.kubeConfigFile });
  kubeConfig.users = [
    {
      name: 'administrator',
      token: user.token,
      ...(user.as === undefined ? {} : { impersonateUser: user.as }),
    },
  ];
  return kubeConfig;
}
