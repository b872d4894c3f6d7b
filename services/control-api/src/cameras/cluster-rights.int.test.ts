import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { operations } from '@camplane/contracts/operations';
import { createKubernetesApi } from '@camplane/kubernetes/create-kubernetes-api';
import type { KubernetesApi } from '@camplane/kubernetes/kubernetes-api';
import type { ResourceType } from '@camplane/kubernetes/kubernetes-object';
import { KubernetesError } from '@camplane/kubernetes/kubernetes-error';
import { startPostgres } from '@camplane/testkit/postgres';
import type { TestPostgres } from '@camplane/testkit/postgres';
import { startCameraCluster } from '../testing/camera-cluster.ts';
import type { CameraCluster } from '../testing/camera-cluster.ts';
import { eventually, runApi } from '../testing/running-api.ts';

jest.setTimeout(120_000);

const cameras = operations.listCameras.path;
const source = { url: 'rtsp://192.0.2.10:554/stream1' };
const credentials = { username: 'viewer', password: 'secret' };

let cluster: CameraCluster;
let postgres: TestPostgres;

beforeAll(async () => {
  [cluster, postgres] = await Promise.all([startCameraCluster(), startPostgres()]);
});
afterAll(async () => {
  await Promise.all([cluster?.stop(), postgres?.stop()]);
});

/** The RBAC verb of a request (Kubernetes documentation, "Authorization overview"). */
const verbs = {
  get: 'get',
  list: 'list',
  watch: 'watch',
  create: 'create',
  replace: 'update',
  apply: 'patch',
  mergePatch: 'patch',
  remove: 'delete',
} as const;

/** Records the permission that each request needs. */
function recording(api: KubernetesApi, needed: Set<string>): KubernetesApi {
  const recorded = Object.entries(verbs).map(([method, verb]) => {
    const call = api[method as keyof typeof verbs] as (type: ResourceType, ...rest: unknown[]) => unknown;
    return [
      method,
      (type: ResourceType, ...rest: unknown[]) => {
        needed.add(`${verb} ${type.group}/${type.plural}`);
        return call(type, ...rest);
      },
    ];
  });
  return { ...api, ...(Object.fromEntries(recorded) as Partial<KubernetesApi>) };
}

it('needs exactly the permissions of its role', async () => {
  const namespace = await cluster.newNamespace();
  const { kubeConfig, rules } = await cluster.serviceAccount(namespace, 'control-api');
  const client = createKubernetesApi({ kubeConfig });
  const needed = new Set<string>();
  const { api, call, stop } = await runApi(
    { dataDir: cluster.folder, frameStoragePath: cluster.folder, databaseUrl: postgres.url },
    undefined,
    { cluster: { api: recording(client, needed), namespace } },
  );
  try {
    await eventually(() => expect(api.health.readiness().ready).toBe(true));
    const answers = [
      await call('POST', cameras, { id: 'a', source: { ...source, credentials } }),
      await call('GET', cameras),
      await call('GET', `${cameras}/a`),
      await call('PUT', `${cameras}/a`, {
        source: { ...source, credentials: { ...credentials, password: 'new' } },
      }),
      await call('PUT', `${cameras}/a`, { source: { url: 'rtsp://192.0.2.99/x', credentials } }),
      await call('PUT', `${cameras}/a`, { source: { ...source, credentials: null } }),
      await call('POST', `${cameras}/a/start`),
      await call('POST', `${cameras}/a/stop`),
      await call('DELETE', `${cameras}/a`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 200, 200, 200, 200, 200, 202, 202, 204]);

    const granted = rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((plural) => verbs.map((verb) => `${verb} ${group}/${plural}`)),
      ),
    );
    expect([...needed].sort()).toEqual(granted.sort());

    const elsewhere = await cluster.newNamespace();
    const camera = { group: 'camplane.dev', version: 'v1alpha1', plural: 'cameras', kind: 'Camera' };
    await expect(client.list(camera, { namespace: elsewhere })).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(client.list(camera, { namespace: elsewhere })).rejects.toBeInstanceOf(KubernetesError);
  } finally {
    await stop();
    client.close();
  }
});

it('reports the missing permission without the role', async () => {
  const namespace = await cluster.newNamespace();
  const { kubeConfig } = await cluster.serviceAccount(namespace, 'control-api', { withRole: false });
  const client = createKubernetesApi({ kubeConfig });
  const { api, call, stop } = await runApi(
    { dataDir: cluster.folder, frameStoragePath: cluster.folder, databaseUrl: postgres.url },
    undefined,
    { cluster: { api: client, namespace } },
  );
  try {
    const { status, body } = await call('GET', cameras);
    expect([status, body.code]).toEqual([503, 'store-unavailable']);
    expect(body.detail).toMatch(
      /control-api lacks permission in the cluster: .*cannot list resource "cameras"/,
    );
    await eventually(() => {
      const check = api.health.readiness().checks.find(({ name }) => name === 'cameras');
      expect(check).toMatchObject({
        ok: false,
        reason: expect.stringContaining('cannot list resource "cameras"'),
      });
    });
  } finally {
    await stop();
    client.close();
  }
});
