import { CoreV1Api } from '@kubernetes/client-node';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { TestKubernetesApi } from './kubernetes.ts';
import { startKubernetesApi } from './kubernetes.ts';
import { assertNoDescendants, isAlive } from './processes.ts';

jest.setTimeout(120_000);

let api: TestKubernetesApi | undefined;
afterEach(async () => {
  await api?.stop();
  api = undefined;
  await assertNoDescendants(process.pid);
});

describe('startKubernetesApi', () => {
  it('responds, keeps its data across a kill, is silent while paused, and leaves nothing behind', async () => {
    api = await startKubernetesApi();
    const client = api.kubeConfig.makeApiClient(CoreV1Api);
    await client.createNamespacedConfigMap({
      namespace: 'default',
      body: { metadata: { name: 'kept' }, data: { a: 'b' } },
    });

    const { apiServer, etcd } = api.pids;
    await api.kill();
    expect(await isAlive(apiServer)).toBe(false);
    await expect(api.request({ path: '/readyz' })).rejects.toThrow(/ECONNREFUSED/);
    await api.restart();
    expect(api.pids).toEqual({ apiServer: expect.any(Number), etcd });
    expect(api.pids.apiServer).not.toBe(apiServer);
    const kept = await client.readNamespacedConfigMap({ namespace: 'default', name: 'kept' });
    expect(kept.data).toEqual({ a: 'b' });

    await api.pause();
    await expect(api.request({ path: '/readyz', timeoutMs: 300 })).rejects.toThrow(/timeout|aborted/);
    api.resume();
    expect(await api.request({ path: '/readyz' })).toEqual({ status: 200, body: 'ok' });

    const { pids } = api;
    await api.stop();
    api = undefined;
    expect(await Promise.all([isAlive(pids.apiServer), isAlive(pids.etcd)])).toEqual([false, false]);
  });
});
