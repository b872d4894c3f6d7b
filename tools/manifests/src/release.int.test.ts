import { operationPath } from '@camplane/contracts/operations';
import type { TestKubernetesApi } from '@camplane/testkit/kubernetes';
import { startKubernetesApi } from '@camplane/testkit/kubernetes';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { chart, helm } from './testing/render.ts';

const namespace = 'camplane';
let api: TestKubernetesApi;

beforeAll(async () => {
  api = await startKubernetesApi();
}, 120_000);
afterAll(() => api?.stop());

const onCluster = (...args: string[]) =>
  helm([...args, '--namespace', namespace, '--kubeconfig', api.kubeConfigFile]);

async function itemsOf(path: string): Promise<string[]> {
  const { body } = await api.request({ path: `/apis/${path}`.replace('/apis/v1/', '/api/v1/') });
  return (body as { items: { metadata: { name: string } }[] }).items.map(({ metadata }) => metadata.name);
}

/** The generated passwords of PostgreSQL, of the user admin, and of Camplane's own services. */
async function passwords(): Promise<string[]> {
  const read = async (name: string) => {
    const { body } = await api.request({ path: `/api/v1/namespaces/${namespace}/secrets/${name}` });
    const { url: _url, ...values } = (body as { data: Record<string, string> }).data;
    return Object.values(values).map((value) => Buffer.from(value, 'base64').toString());
  };
  const names = ['camplane-database', 'camplane-admin', 'camplane-media'];
  return (await Promise.all(names.map(read))).flat();
}

const mediaSecret = `/api/v1/namespaces/${namespace}/secrets/camplane-media`;

async function keysOfMediaSecret(): Promise<Record<string, string>> {
  return ((await api.request({ path: mediaSecret })).body as { data: Record<string, string> }).data;
}

/** An API server without controllers: Helm works, but no pod runs. */
describe('a release', () => {
  it('installs, prints how to connect, keeps its passwords on upgrade, and keeps Cameras on uninstall', async () => {
    const notes = onCluster('install', 'camplane', chart, '--create-namespace');
    expect(notes).toContain(
      "get secret camplane-admin --output jsonpath='{.data.password}' | base64 --decode",
    );
    expect(notes).toContain('Nothing is exposed outside the cluster');
    expect(notes).toContain('port-forward service/camplane-mediamtx 8554:8554 8888:8888 8889:8889 8189:8189');
    const first = await passwords();
    for (const password of first) expect(password).toMatch(/^[A-Za-z0-9]{32,48}$/);
    expect(new Set(first).size).toBe(11);
    const camera = await api.request({
      method: 'POST',
      path: `/apis/camplane.dev/v1alpha1/namespaces/${namespace}/cameras`,
      body: {
        apiVersion: 'camplane.dev/v1alpha1',
        kind: 'Camera',
        metadata: { name: 'yard' },
        spec: { source: { url: 'test:testsrc2' } },
      },
    });
    expect(camera.status).toBe(201);

    const upgraded = onCluster(
      ...['upgrade', 'camplane', chart, '--set', 'mediamtx.service.type=NodePort'],
      ...['--set', 'mediamtx.service.nodePorts.media=30189', '--set', 'tls.secretName=camplane-tls'],
      ...['--values', join(chart, 'ci/oidc-values.yaml'), '--set', 'auth.proxy.userHeader=X-Forwarded-User'],
      ...['--set', 'auth.proxy.trustedProxies={10.0.3.7,10.0.3.8}'],
    );
    expect(upgraded).toContain('Your values expose the following OUTSIDE the cluster');
    expect(upgraded).toContain('WebRTC 8889 and 30189');
    expect(upgraded).toContain('Dashboard  https://127.0.0.1:8080 (user admin)');
    expect(upgraded).toContain(
      `redirect URI https://cameras.example${operationPath('finishOidc')} at the issuer`,
    );
    expect(upgraded).toContain('The header X-Forwarded-User of 10.0.3.7, 10.0.3.8 names users');
    expect(upgraded).toContain('reach control-api (networkPolicies.viewersFrom), and let it remove');
    expect(await passwords()).toEqual(first);
    onCluster('rollback', 'camplane', '1');

    onCluster('uninstall', 'camplane');
    expect(await itemsOf(`apps/v1/namespaces/${namespace}/deployments`)).toEqual([]);
    expect(await itemsOf(`v1/namespaces/${namespace}/services`)).toEqual([]);
    expect(await itemsOf(`camplane.dev/v1alpha1/namespaces/${namespace}/cameras`)).toEqual(['yard']);

    // The kept CRD belongs to a release of the same name and namespace, which adopts it.
    onCluster('install', 'camplane', chart);
    expect(await itemsOf(`apps/v1/namespaces/${namespace}/deployments`)).toContain('camplane-control-api');
    // The volume of PostgreSQL, which no release deletes, was initialized with them.
    expect(await passwords()).toEqual(first);
  }, 180_000);

  it('adds the passwords of services to those of an installation in which they shared one', async () => {
    const now = await keysOfMediaSecret();
    const { 'api-password': apiPassword = '', 'ticket-secret': ticketSecret = '' } = now;
    const before = {
      ...{ 'api-password': apiPassword, 'ticket-secret': ticketSecret },
      ...{ 'read-password': now['read-password'], 'service-password': apiPassword },
    };
    const patched = await api.request({
      method: 'PATCH',
      path: mediaSecret,
      contentType: 'application/json-patch+json',
      body: [{ op: 'replace', path: '/data', value: before }],
    });
    expect(patched.status).toBe(200);
    onCluster('upgrade', 'camplane', chart);
    const after = await keysOfMediaSecret();
    expect(after).toMatchObject(before);
    const added = ['control-api-password', 'operator-password', 'hook-password'];
    for (const key of [...added, 'metrics-token', 'detect-token']) {
      expect(Buffer.from(after[key] ?? '', 'base64').toString()).toMatch(/^[A-Za-z0-9]{48}$/);
    }
    expect(new Set(Object.values(after)).size).toBe(Object.keys(after).length - 1);
  }, 60_000);
});
