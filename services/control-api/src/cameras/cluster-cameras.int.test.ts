import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventsUrl } from '@camplane/api-client/operation-url';
import { operations } from '@camplane/contracts/operations';
import { createKubernetesApi } from '@camplane/kubernetes/create-kubernetes-api';
import type { KubernetesApi } from '@camplane/kubernetes/kubernetes-api';
import { startPostgres } from '@camplane/testkit/postgres';
import type { TestPostgres } from '@camplane/testkit/postgres';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { startCameraCluster } from '../testing/camera-cluster.ts';
import type { CameraCluster } from '../testing/camera-cluster.ts';
import { eventually, runApi } from '../testing/running-api.ts';
import type { RunningApi } from '../testing/running-api.ts';
import { statusOf } from '../testing/status-of.ts';

jest.setTimeout(120_000);

const cameras = operations.listCameras.path;
const source = { url: 'rtsp://192.0.2.10:554/stream1' };
const login = { username: 'viewer', password: 'canary-51c2' };
const ownSecret = 'camera-a-credentials';

let cluster: CameraCluster;
let postgres: TestPostgres;
let namespace: string;
const running: RunningApi[] = [];
const clients: (KubernetesApi & { close(): void })[] = [];

beforeAll(async () => {
  [cluster, postgres] = await Promise.all([
    startCameraCluster({ displayNameMaxLength: 200 }),
    startPostgres(),
  ]);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((api) => api.stop()));
  for (const client of clients.splice(0)) client.close();
});
afterAll(async () => {
  await Promise.all([cluster?.stop(), postgres?.stop()]);
});

/** A control-api in its own namespace. `wrap` intercepts its requests to the cluster. */
async function start(wrap: (api: KubernetesApi) => KubernetesApi = (api) => api): Promise<RunningApi> {
  namespace = await cluster.newNamespace();
  const client = createKubernetesApi({ kubeConfig: cluster.kubernetes.kubeConfig });
  clients.push(client);
  const api = await runApi(
    { dataDir: cluster.folder, frameStoragePath: cluster.folder, databaseUrl: postgres.url },
    undefined,
    {
      cluster: { api: wrap(client), namespace },
    },
  );
  running.push(api);
  return api;
}

const kept = async (): Promise<string | undefined> => {
  const secret = await cluster.secret(namespace, ownSecret);
  return secret === undefined ? undefined : Buffer.from(String(secret.data.password), 'base64').toString();
};

describe('cameras of a cluster', () => {
  it('have the labels of their resources, without the prefixed ones', async () => {
    const { call } = await start();
    await call('POST', cameras, { id: 'a', source, labels: { site: 'north' } });
    const prefixed = { 'app.kubernetes.io/part-of': 'shop' };
    await cluster.patchCamera(namespace, 'a', { metadata: { labels: { ...prefixed, floor: '1' } } });
    expect((await call('GET', `${cameras}/a`)).body.labels).toEqual({ floor: '1', site: 'north' });
    await call('PUT', `${cameras}/a`, { source, labels: { site: 'south' } });
    expect((await cluster.camera(namespace, 'a')).metadata.labels).toEqual({ ...prefixed, site: 'south' });
  });

  it('are resources that own their Secrets, and are removed completely', async () => {
    const { call } = await start();
    const created = await call('POST', cameras, { id: 'a', source: { ...source, credentials: login } });
    expect(created.body.source.hasCredentials).toBe(true);
    const camera = await cluster.camera(namespace, 'a');
    expect(camera.spec.source).toEqual({
      ...source,
      transport: 'tcp',
      credentialsSecretRef: { name: ownSecret },
    });
    expect(created.body.createdAt).toBe(new Date(String(camera.metadata.creationTimestamp)).toISOString());
    expect(await cluster.secret(namespace, ownSecret)).toMatchObject({
      type: 'Opaque',
      data: { username: btoa(login.username), password: btoa(login.password) },
      metadata: {
        labels: {
          ...{ 'app.kubernetes.io/part-of': 'camplane', 'app.kubernetes.io/managed-by': 'control-api' },
          'camplane.dev/camera-credentials': 'true',
        },
        ownerReferences: [
          { apiVersion: 'camplane.dev/v1alpha1', kind: 'Camera', name: 'a', uid: camera.metadata.uid },
        ],
      },
    });
    expect((await call('DELETE', `${cameras}/a`)).status).toBe(204);
    expect(await cluster.camera(namespace, 'a')).toBeUndefined();
    expect(await cluster.secret(namespace, ownSecret)).toBeUndefined();
  });

  it('keep fields that HTTP does not have, and a Secret that control-api did not create', async () => {
    const { call } = await start();
    await cluster.createSecret(namespace, 'own-login', { username: 'u', password: 'p\n' });
    const placement = { nodeSelector: { site: 'roof' } };
    await cluster.createCamera(namespace, 'a', {
      source: { ...source, credentialsSecretRef: { name: 'own-login' } },
      placement,
    });
    const metadata = { labels: { team: 'yard' }, annotations: { note: 'by hand' } };
    await cluster.patchCamera(namespace, 'a', { metadata });
    expect((await call('GET', `${cameras}/a`)).body.source.hasCredentials).toBe(true);

    const replaced = await call('PUT', `${cameras}/a`, { displayName: 'Yard', source });
    expect([replaced.status, replaced.body.source.hasCredentials]).toEqual([200, true]);
    const camera = await cluster.camera(namespace, 'a');
    expect(camera.metadata).toMatchObject(metadata);
    expect(camera.spec).toMatchObject({ displayName: 'Yard', placement });
    expect(camera.spec.source.credentialsSecretRef).toEqual({ name: 'own-login' });

    // Also if it is missing: it may be created at any time.
    await cluster.kubernetes.request({
      method: 'DELETE',
      path: `/api/v1/namespaces/${namespace}/secrets/own-login`,
    });
    expect((await call('GET', `${cameras}/a`)).body.source.hasCredentials).toBe(false);
    const elsewhere = await call('PUT', `${cameras}/a`, { source: { url: 'rtsp://192.0.2.99/x' } });
    expect(elsewhere.body.errors[0].path).toBe('source.credentials');
  });

  it('use only Secrets that carry the label, or that they own', async () => {
    const { call, api } = await start();
    await cluster.createSecret(namespace, 'database', { username: 'u', password: 'p' }, {});
    await cluster.createCamera(namespace, 'a', {
      source: { ...source, credentialsSecretRef: { name: 'database' } },
    });
    expect((await call('GET', `${cameras}/a`)).body.source.hasCredentials).toBe(false);
    expect((await api.registry.get('a'))?.credentials).toBeNull();

    await call('POST', cameras, { id: 'b', source: { ...source, credentials: login } });
    await cluster.createCamera(namespace, 'c', {
      source: { ...source, credentialsSecretRef: { name: 'camera-b-credentials' } },
    });
    expect((await api.registry.get('c'))?.credentials).toBeNull();
    // Version 0.1 created them without the label.
    await cluster.kubernetes.request({
      method: 'PATCH',
      path: `/api/v1/namespaces/${namespace}/secrets/camera-b-credentials`,
      contentType: 'application/merge-patch+json',
      body: { metadata: { labels: { 'camplane.dev/camera-credentials': null } } },
    });
    expect((await api.registry.get('b'))?.credentials).toEqual(login);
  });

  it('get their own Secret for new credentials, and lose only that one with them', async () => {
    const { call, api } = await start();
    await cluster.createSecret(namespace, 'own-login', { username: 'u', password: 'p' });
    const reference = { credentialsSecretRef: { name: 'own-login' } };
    await cluster.createCamera(namespace, 'a', { source: { ...source, ...reference } });
    await call('PUT', `${cameras}/a`, { source: { ...source, credentials: login } });
    expect((await cluster.camera(namespace, 'a')).spec.source.credentialsSecretRef).toEqual({
      name: ownSecret,
    });
    expect((await api.registry.get('a'))?.credentials).toEqual(login);

    const before = (await api.registry.get('a'))?.generation ?? 0;
    await call('PUT', `${cameras}/a`, { source: { ...source, credentials: login } });
    expect((await api.registry.get('a'))?.generation).toBe(before);
    await call('PUT', `${cameras}/a`, { source: { ...source, credentials: { ...login, password: 'new' } } });
    expect((await api.registry.get('a'))?.generation).toBe(before + 1);
    expect(await kept()).toBe('new');

    const forgotten = await call('PUT', `${cameras}/a`, { source: { ...source, credentials: null } });
    expect(forgotten.body.source.hasCredentials).toBe(false);
    expect((await cluster.camera(namespace, 'a')).spec.source.credentialsSecretRef).toBeUndefined();
    expect(await cluster.secret(namespace, ownSecret)).toBeUndefined();
    expect(await cluster.secret(namespace, 'own-login')).toBeDefined();
  });

  it('refuse a foreign Secret with their name, and replace a leftover one', async () => {
    const { call } = await start();
    await cluster.createSecret(namespace, ownSecret, { password: 'not yours' });
    const refused = await call('POST', cameras, { id: 'a', source: { ...source, credentials: login } });
    expect([refused.status, refused.body.errors[0].path]).toEqual([400, 'source.credentials']);
    expect(await kept()).toBe('not yours');
    expect(await cluster.camera(namespace, 'a')).toBeUndefined();

    await call('POST', cameras, { id: 'b', source: { ...source, credentials: login } });
    // Before the garbage collector has removed it.
    await cluster.removeCamera(namespace, 'b');
    const other = { ...login, password: 'second' };
    expect((await call('POST', cameras, { id: 'b', source: { ...source, credentials: other } })).status).toBe(
      201,
    );
    const { uid } = (await cluster.camera(namespace, 'b')).metadata;
    const secret = await cluster.secret(namespace, 'camera-b-credentials');
    expect(secret.metadata.ownerReferences[0].uid).toBe(uid);
    expect(secret.data.password).toBe(btoa('second'));
  });

  it('never reference credentials of another host, wherever a change of both is interrupted', async () => {
    const hostOf: Record<string, string> = { first: 'rtsp://192.0.2.10/a', second: 'rtsp://192.0.2.99/b' };
    const seen: string[] = [];
    let writesLeft = Infinity;
    const watched = (api: KubernetesApi): KubernetesApi => {
      const after = <F extends (...args: never[]) => Promise<unknown>>(write: F): F =>
        (async (...args: never[]) => {
          if (writesLeft-- <= 0) throw new Error('the process is killed here');
          const result = await write(...args);
          const stored = (await cluster.camera(namespace, 'a'))?.spec.source;
          const password = stored?.credentialsSecretRef && (await kept());
          seen.push(`${stored?.url} with ${password ?? 'none'}`);
          if (password) expect(stored.url).toBe(hostOf[password]);
          return result;
        }) as unknown as F;
      const { create, replace, mergePatch, remove } = api;
      return {
        ...api,
        ...{
          create: after(create),
          replace: after(replace),
          mergePatch: after(mergePatch),
          remove: after(remove),
        },
      };
    };
    const { call } = await start(watched);
    const bodyOf = (password: string) => ({
      source: { url: hostOf[password], credentials: { username: 'u', password } },
    });
    await call('POST', cameras, { id: 'a', ...bodyOf('first') });
    const names = ['second', 'first'];
    for (let writes = 0; writes <= 3; writes++) {
      const requested = names[writes % 2] ?? '';
      writesLeft = writes;
      const broken = await call('PUT', `${cameras}/a`, bodyOf(requested));
      expect(broken.status).toBe(writes < 3 ? 500 : 200);
      writesLeft = Infinity;
      expect((await call('PUT', `${cameras}/a`, bodyOf(requested))).status).toBe(200);
      expect(await kept()).toBe(requested);
    }
    expect(seen).toContain(`${hostOf['second']} with none`);
  });

  it('report refusals of the API server with the field names of the body', async () => {
    const { call } = await start();
    await call('POST', cameras, { id: 'a', source });
    const refused = await call('PUT', `${cameras}/a`, { source: { url: 'v4l2:/dev/video0' } });
    expect([refused.status, refused.body.code]).toEqual([400, 'invalid-body']);
    expect(refused.body.errors).toEqual([
      {
        path: expect.stringMatching(/^source/),
        message: expect.stringMatching(/^a camera cannot change between a device/),
      },
    ]);
    const long = await call('POST', cameras, { id: 'a'.repeat(57), source });
    expect(long.body.errors).toEqual([
      { path: 'id', message: expect.stringContaining('at most 56 characters') },
    ]);
    expect((await call('POST', cameras, { id: 'a'.repeat(56), source })).status).toBe(201);
  });

  it('lose no concurrent changes of others', async () => {
    const { call } = await start();
    await call('POST', cameras, { id: 'a', source });
    const turns = Array.from({ length: 10 }, (_, turn) => turn);
    const answers = await Promise.all(
      turns.flatMap((turn) => [
        call('PUT', `${cameras}/a`, { source, displayName: `name ${turn}` }).then(({ status }) => status),
        cluster.patchCamera(namespace, 'a', { metadata: { labels: { [`l${turn}`]: 'x' } } }).then(() => 200),
        cluster.patchCamera(namespace, 'a', { status: { viewers: turn } }, '/status').then(() => 200),
      ]),
    );
    expect(answers).toEqual(answers.map(() => 200));
    const { metadata } = await cluster.camera(namespace, 'a');
    expect(Object.keys(metadata.labels as object)).toHaveLength(10);
    expect(metadata.generation).toBe(11);
  });

  it('notify followers of changes by others, with the status of the operator', async () => {
    const { url, call, publish, api } = await start();
    await eventually(() => expect(api.health.readiness().ready).toBe(true));
    const socket = new WebSocket(eventsUrl(url));
    const events: { type: string; cameraId?: string; status?: Record<string, unknown> }[] = [];
    socket.on('message', (data: Buffer) =>
      events.push(JSON.parse(data.toString()) as (typeof events)[number]),
    );
    await once(socket, 'open');
    const expectEvent = (type: string, status: object = {}) =>
      eventually(() => {
        const matching = { type, cameraId: 'a', ...(type === 'stream:removed' ? {} : { status }) };
        expect(events).toContainEqual(expect.objectContaining({ ...matching, ...wrapStatus(matching) }));
      });

    await cluster.createCamera(namespace, 'a', { source });
    await expectEvent('stream:status', { phase: 'STARTING' });
    const ready = {
      type: 'Ready',
      status: 'False',
      reason: 'ImagePullFailed',
      message: 'The image cannot be had',
    };
    const condition = { ...ready, lastTransitionTime: new Date().toISOString(), observedGeneration: 1 };
    await cluster.patchCamera(
      namespace,
      'a',
      { status: { phase: 'Error', conditions: [condition] } },
      '/status',
    );
    await expectEvent('stream:status', {
      phase: 'ERROR',
      reason: 'ImagePullFailed',
      message: 'The image cannot be had',
    });

    await publish(statusOf('a', { viewerCount: 1 }));
    await expectEvent('stream:status', { phase: 'RUNNING', viewerCount: 1 });
    await cluster.patchCamera(namespace, 'a', { status: { viewers: 17 } }, '/status');
    await expectEvent('stream:status', { phase: 'RUNNING', viewerCount: 17 });
    expect((await call('GET', `${cameras}/a/status`)).body.viewerCount).toBe(17);

    await cluster.patchCamera(namespace, 'a', { spec: { enabled: false } });
    await eventually(async () => expect((await call('GET', `${cameras}/a`)).body.enabled).toBe(false));
    await cluster.removeCamera(namespace, 'a');
    await expectEvent('stream:removed');
    socket.terminate();
  });

  it('are logged once if invalid, although their status changes', async () => {
    const { logged } = await start();
    const occurrences = () => logged().split('is invalid, ignoring it').length - 1;
    await cluster.createCamera(namespace, 'a', { source, displayName: 'x'.repeat(129) });
    await eventually(() => expect(occurrences()).toBe(1));
    await cluster.patchCamera(namespace, 'a', { status: { viewers: 1 } }, '/status');
    await cluster.createCamera(namespace, 'b', { source, displayName: 'x'.repeat(129) });
    await eventually(() => expect(logged()).toContain('"camera":"b"'));
    expect(occurrences()).toBe(2);
  });

  it('are unavailable while the API server is, and available again afterwards', async () => {
    const { call, api } = await start();
    await call('POST', cameras, { id: 'a', source });
    await eventually(() => expect(api.health.readiness().ready).toBe(true));
    await cluster.kubernetes.kill();
    try {
      for (const answer of [
        await call('GET', cameras),
        await call('GET', `${cameras}/a`),
        await call('POST', cameras, { id: 'b', source }),
        await call('POST', `${cameras}/a/start`),
      ]) {
        expect([answer.status, answer.body.code]).toEqual([503, 'store-unavailable']);
        expect(answer.body.detail).toContain("cluster's API");
      }
      // From memory, as snapshots are.
      expect((await call('GET', `${cameras}/a/status`)).status).toBe(200);
    } finally {
      await cluster.kubernetes.restart();
    }
    await eventually(async () => expect((await call('GET', `${cameras}/a`)).status).toBe(200));
    await cluster.removeCamera(namespace, 'a');
    await eventually(async () => expect((await call('GET', `${cameras}/a/status`)).status).toBe(404), 60_000);
  });

  it('pass a start request to the operator', async () => {
    const { call, api } = await start();
    await call('POST', cameras, { id: 'a', source, enabled: false });
    await call('POST', `${cameras}/a/start`);
    const { metadata, spec } = await cluster.camera(namespace, 'a');
    const at = metadata.annotations['camplane.dev/start-requested-at'];
    expect([spec.enabled, (await api.registry.get('a'))?.startRequestedAt]).toEqual([true, at]);
  });
});

function wrapStatus(event: object): object {
  return 'status' in event ? { status: expect.objectContaining(event.status as object) } : {};
}
