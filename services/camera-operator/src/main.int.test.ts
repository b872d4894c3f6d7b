import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { freePort } from '@camplane/testkit/free-port';
import { waitUntil } from '@camplane/testkit/wait-until';
import { startOperatorCluster } from './testing/operator-cluster.ts';
import type { OperatorCluster } from './testing/operator-cluster.ts';

jest.setTimeout(180_000);

const patience = { timeoutMs: 90_000, intervalMs: 100 };

let cluster: OperatorCluster;
const children: ChildProcess[] = [];
beforeAll(async () => {
  cluster = await startOperatorCluster();
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
});
afterAll(() => cluster?.stop());

function run(environment: Record<string, string>) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: {
      PATH: process.env['PATH'],
      CAMPLANE_CAMERA_SERVICE_IMAGE: 'camplane/camera-service:test',
      CAMPLANE_MEDIAMTX_IMAGE: 'bluenviron/mediamtx:test',
      CAMPLANE_POD_NAME: 'the-pod',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  return { child, exited, output: () => output };
}

describe('the operator as a process', () => {
  it('serves its routes, operates cameras and releases its lease on SIGTERM', async () => {
    const namespace = await cluster.newNamespace();
    await namespace.createCamera('yard');
    const port = await freePort();
    const operator = run({
      KUBECONFIG: cluster.kubernetes.kubeConfigFile,
      CAMPLANE_NAMESPACE: namespace.name,
      OPERATOR_PORT: String(port),
    });
    const url = `http://127.0.0.1:${port}`;
    await waitUntil(
      async () => (await fetch(`${url}/readyz`)).status,
      (status) => status === 200,
      { what: 'readiness', ...patience },
    );
    await waitUntil(
      () => namespace.camera('yard'),
      (seen) => seen?.status?.phase === 'Starting',
      { what: 'a status of the camera', ...patience },
    );
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/camplane_operator_leading\{[^}]*\} 1/);
    expect(metrics).toMatch(/camplane_operator_cameras\{phase="Starting",[^}]*\} 1/);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);

    operator.child.kill('SIGTERM');
    expect(await operator.exited).toBe(0);
    const ref = { namespace: namespace.name, name: 'camplane-camera-operator' };
    const lease = await cluster.api.get<KubernetesObject & { spec: { holderIdentity?: string } }>(
      resourceTypes.lease,
      ref,
    );
    expect(lease?.spec.holderIdentity ?? '').toBe('');
    expect(operator.output()).not.toContain(cluster.kubernetes.token);
  });

  it('exits when it loses leadership', async () => {
    const namespace = await cluster.newNamespace();
    const port = await freePort();
    const operator = run({
      KUBECONFIG: cluster.kubernetes.kubeConfigFile,
      CAMPLANE_NAMESPACE: namespace.name,
      OPERATOR_PORT: String(port),
    });
    await waitUntil(operator.output, (output) => output.includes('became leader'), {
      what: 'leadership',
      ...patience,
    });
    const ref = { namespace: namespace.name, name: 'camplane-camera-operator' };
    await cluster.api.mergePatch(resourceTypes.lease, ref, { spec: { holderIdentity: 'another' } });
    await operator.exited;
    expect(operator.output()).toContain('another operator is leader');
  });

  it.each([
    ['CAMPLANE_NAMESPACE is not set', { KUBECONFIG: '/nowhere' }],
    ['KUBECONFIG is not a usable file', { KUBECONFIG: '/nowhere', CAMPLANE_NAMESPACE: 'a' }],
    [
      'CAMPLANE_MAX_UNAVAILABLE_CAMERAS must be a number of cameras, 1 or more, or a percentage from 1% to 100%',
      { CAMPLANE_NAMESPACE: 'a', CAMPLANE_MAX_UNAVAILABLE_CAMERAS: '0' },
    ],
    ['set KUBECONFIG, or run in a pod', { CAMPLANE_NAMESPACE: 'a' }],
  ])('reports %s and exits', async (message, environment) => {
    const operator = run(environment);
    expect(await operator.exited).toBe(1);
    expect(operator.output()).toContain(message);
  });
});
