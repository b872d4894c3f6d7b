import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { credentialsLabel } from '@camplane/contracts/camera-secret';
import { configVersionAnnotation } from '@camplane/contracts/camera-workload';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { waitUntil } from '@camplane/testkit/wait-until';
import type { OperatorNamespace } from './testing/operator-cluster.ts';
import { startOperatorEnvironment } from './testing/operator-environment.ts';
import type { OperatorEnvironment } from './testing/operator-environment.ts';
import { runOperator } from './testing/running-operator.ts';
import type { RunningOperator } from './testing/running-operator.ts';

jest.setTimeout(180_000);

const patience = { timeoutMs: 60_000 };
const { camera, configMap, deployment, event, lease, pod, secret, service } = resourceTypes;

let environment: OperatorEnvironment;
beforeAll(async () => {
  environment = await startOperatorEnvironment();
});
const running: RunningOperator[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((operator) => operator.stop()));
  environment.cameraService.phase = 'RUNNING';
  environment.cameraService.readers.clear();
});
afterAll(() => environment?.stop());

function run(namespace: OperatorNamespace, options: Partial<Parameters<typeof runOperator>[0]> = {}) {
  const operator = runOperator({ namespace, ...environment, ...options });
  running.push(operator);
  return operator;
}

async function namesOf(namespace: OperatorNamespace): Promise<string[]> {
  const lists = [configMap, service, deployment].map(async (type) => {
    const { items } = await environment.cluster.api.list(type, {
      namespace: namespace.name,
      labelSelector: 'app.kubernetes.io/managed-by=camera-operator',
    });
    return items.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  });
  return (await Promise.all(lists)).flat();
}

function workloadOf(name: string): string[] {
  return ['ConfigMap', 'Service', 'Deployment'].map((kind) => `${kind} camera-${name}`);
}

async function waitForObjects(namespace: OperatorNamespace, names: string[]): Promise<void> {
  await waitUntil(
    () => namesOf(namespace),
    (seen) => JSON.stringify(seen.toSorted()) === JSON.stringify(names.toSorted()),
    { what: `the objects ${names.join(', ') || 'to be deleted'}`, ...patience },
  );
}

async function waitForReady(namespace: OperatorNamespace, name: string, status = 'True') {
  return waitUntil(
    async () => (await namespace.camera(name))?.status,
    (seen) => seen?.conditions?.find(({ type }) => type === 'Ready')?.status === status,
    { what: `Ready=${status} of ${name}`, ...patience },
  );
}

/** Ready, and with a report of its pod. */
async function waitForReport(namespace: OperatorNamespace, name: string) {
  return waitUntil(
    async () => (await namespace.camera(name))?.status,
    (seen) => seen?.phase === 'Running' && seen.video !== undefined,
    { what: `a report of the pod of ${name}`, ...patience },
  );
}

function get(
  namespace: OperatorNamespace,
  type: (typeof resourceTypes)[keyof typeof resourceTypes],
  name: string,
) {
  return environment.cluster.api.get<KubernetesObject & { spec?: { replicas?: number } }>(type, {
    namespace: namespace.name,
    name,
  });
}

async function reconcileCount(operator: RunningOperator): Promise<number> {
  const text = await operator.metrics.registry.metrics();
  const count = /camplane_operator_reconcile_duration_seconds_count\{[^}]*result="done"[^}]*\} (\d+)/.exec(
    text,
  );
  return Number(count?.[1] ?? 0);
}

describe('an operator', () => {
  it('creates a camera’s workload, reports its status and reverts drift', async () => {
    const namespace = await environment.cluster.newNamespace();
    const ref = { namespace: namespace.name, name: 'camera-yard' };
    const { metadata } = await namespace.createCamera('yard');
    run(namespace);
    await waitForObjects(namespace, workloadOf('yard'));
    const created = await get(namespace, deployment, 'camera-yard');
    expect(created?.metadata.ownerReferences).toEqual([
      expect.objectContaining({ kind: 'Camera', name: 'yard', uid: metadata.uid, controller: true }),
    ]);
    await waitForReady(namespace, 'yard', 'False');

    await namespace.createPod('yard');
    expect(await waitForReport(namespace, 'yard')).toMatchObject({
      ...{ phase: 'Running', node: 'node-a', observedGeneration: 1 },
      video: { codec: 'h264', size: '1280x720' },
    });
    // The event follows the status write.
    const events = await waitUntil(
      async () => (await environment.cluster.api.list(event, { namespace: namespace.name })).items,
      (items) => items.length > 0,
      { what: 'an event', ...patience },
    );
    expect(events).toEqual([expect.objectContaining({ reason: 'Ready', type: 'Normal' })]);

    await environment.cluster.api.mergePatch(deployment, ref, { spec: { replicas: 3 } });
    await waitUntil(
      async () => (await get(namespace, deployment, ref.name))?.spec?.replicas,
      (replicas) => replicas === 1,
      { what: 'the reverted replicas', ...patience },
    );
    await environment.cluster.api.remove(service, ref);
    await environment.cluster.api.mergePatch(configMap, ref, { data: { 'cameras.json': 'nonsense' } });
    await waitForObjects(namespace, workloadOf('yard'));
    await waitUntil(
      async () => JSON.stringify(await get(namespace, configMap, ref.name)),
      (text) => !text.includes('nonsense'),
      { what: 'the reverted configuration', ...patience },
    );
  });

  it('reports pod and edge state, and writes only changes', async () => {
    const namespace = await environment.cluster.newNamespace();
    await namespace.createCamera('yard');
    await namespace.createPod('yard');
    await namespace.createEdgePod();
    environment.cameraService.readers.set('yard', 2).set('yard/sub', 1);
    const operator = run(namespace);
    await waitForReport(namespace, 'yard');
    await waitUntil(
      async () => (await namespace.camera('yard'))?.status?.viewers,
      (viewers) => viewers === 3,
      { what: 'three viewers', ...patience },
    );
    const before = (await namespace.camera('yard'))?.metadata.resourceVersion;
    const requests = environment.cameraService.requests;
    // Two more reports, which differ only in times and the last digits of the frame rate.
    await waitUntil(
      () => environment.cameraService.requests,
      (now) => now >= requests + 2,
      { what: 'two more polls of the pod', ...patience },
    );
    expect((await namespace.camera('yard'))?.metadata.resourceVersion).toBe(before);

    environment.cameraService.phase = 'ERROR';
    await waitForReady(namespace, 'yard', 'False');
    expect(operator.log()).not.toContain('write failed');
  });

  it('removes the workload of a deleted camera, and nothing else', async () => {
    const namespace = await environment.cluster.newNamespace();
    await namespace.createCamera('yard');
    await namespace.createCamera('door');
    const foreign = { namespace: namespace.name, name: 'camera-mine' };
    await environment.cluster.api.create(configMap, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: foreign,
    });
    run(namespace);
    await waitForObjects(namespace, [...workloadOf('yard'), ...workloadOf('door')]);
    await environment.cluster.api.remove(camera, { namespace: namespace.name, name: 'yard' });
    await waitForObjects(namespace, workloadOf('door'));
    expect(await get(namespace, configMap, 'camera-mine')).toBeDefined();
  });

  it('does not touch foreign objects with a camera’s name', async () => {
    const namespace = await environment.cluster.newNamespace();
    const foreign = { namespace: namespace.name, name: 'camera-yard' };
    await environment.cluster.api.create(configMap, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: foreign,
    });
    await namespace.createCamera('yard');
    run(namespace);
    const status = await waitForReady(namespace, 'yard', 'False');
    expect(status?.conditions?.[0]).toMatchObject({ reason: 'NameTaken' });
    expect(await namesOf(namespace)).toEqual([]);
  });

  it('passes a changed Secret only to the pods of its camera, and never reads its values', async () => {
    const namespace = await environment.cluster.newNamespace();
    for (const name of ['yard', 'door']) {
      await environment.cluster.api.create(secret, {
        ...{
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: {
            ...{ name: `${name}-login`, namespace: namespace.name },
            labels: { [credentialsLabel]: 'true' },
          },
        },
        ...{ stringData: { username: 'viewer', password: 'hunter2' } },
      });
      const source = { url: 'rtsp://192.0.2.10/1', credentialsSecretRef: { name: `${name}-login` } };
      await namespace.createCamera(name, { source });
    }
    const pods = { yard: await namespace.createPod('yard'), door: await namespace.createPod('door') };
    const podNow = (name: keyof typeof pods) => get(namespace, pod, pods[name].metadata.name);
    const operator = run(namespace);
    const version = async (name: keyof typeof pods) =>
      (await podNow(name))?.metadata.annotations?.[configVersionAnnotation];
    const first = await waitUntil(
      async () => [await version('yard'), await version('door')],
      (versions) => versions.every((one) => one !== undefined),
      { what: 'annotations on both pods', ...patience },
    );
    await Promise.all([waitForReady(namespace, 'yard'), waitForReady(namespace, 'door')]);
    const door = (await podNow('door'))?.metadata.resourceVersion;

    const yardLogin = { namespace: namespace.name, name: 'yard-login' };
    await environment.cluster.api.mergePatch(secret, yardLogin, { stringData: { password: 'hunter3' } });
    await waitUntil(
      () => version('yard'),
      (now) => now !== first[0],
      {
        what: 'a new annotation on the pod of the changed Secret',
        ...patience,
      },
    );
    expect((await podNow('door'))?.metadata.resourceVersion).toBe(door);
    expect(operator.log()).not.toMatch(/hunter|aHVudGVy/);
    const secrets = environment.proxy.seen.filter(({ path }) => path.endsWith('/secrets'));
    expect(secrets.length).toBeGreaterThan(0);
    expect(secrets.filter(({ accept }) => !accept.includes('PartialObjectMetadata'))).toEqual([]);
  });

  it('writes nothing after a restart if everything is up to date', async () => {
    const namespace = await environment.cluster.newNamespace();
    for (const name of ['yard', 'door']) {
      await namespace.createCamera(name);
      await namespace.createPod(name);
    }
    const first = run(namespace);
    await Promise.all([waitForReady(namespace, 'yard'), waitForReady(namespace, 'door')]);
    await waitUntil(
      () => reconcileCount(first),
      (count) => count >= 6,
      { what: 'six reconciles', ...patience },
    );
    await first.stop();

    environment.proxy.cutAt(null);
    const second = run(namespace, { identity: 'second', queuePolicy: { resyncMs: 500 } });
    await waitUntil(
      () => reconcileCount(second),
      (count) => count >= 8,
      {
        what: 'several reconciles of each camera',
        ...patience,
      },
    );
    expect(environment.proxy.writes()).toBe(0);
  });

  it('recovers after closed watches and an API outage', async () => {
    const namespace = await environment.cluster.newNamespace();
    const operator = run(namespace);
    await namespace.createCamera('first');
    await waitForObjects(namespace, workloadOf('first'));
    environment.proxy.closeConnections();
    await namespace.createCamera('second');
    await waitForObjects(namespace, [...workloadOf('first'), ...workloadOf('second')]);

    await environment.cluster.kubernetes.kill();
    await waitUntil(
      () => operator.log(),
      (log) => log.includes('watch failed, restarting it'),
      {
        what: 'a noticed API outage',
        ...patience,
      },
    );
    // The restarted API server has lost old resource versions.
    await environment.cluster.kubernetes.restart();
    await environment.cluster.api.remove(camera, { namespace: namespace.name, name: 'first' });
    await namespace.createCamera('third');
    await waitForObjects(namespace, [...workloadOf('second'), ...workloadOf('third')]);
    expect(operator.isLeader()).toBe(true);
    expect(operator.health.readiness().ready).toBe(true);
    await expect(operator.metrics.registry.metrics()).resolves.toMatch(
      /camplane_operator_watch_staleness_seconds\{resource="cameras",[^}]*\} \d/,
    );
  });

  it('holds a lease and releases it on shutdown', async () => {
    const namespace = await environment.cluster.newNamespace();
    const operator = run(namespace, { identity: 'first' });
    await waitUntil(operator.isLeader, Boolean, { what: 'leadership', ...patience });
    const leaseNow = () => get(namespace, lease, 'camplane-camera-operator');
    expect(await leaseNow()).toMatchObject({ spec: { holderIdentity: 'first', leaseDurationSeconds: 15 } });
    await operator.stop();
    const { spec } = (await leaseNow()) as unknown as { spec: { holderIdentity?: string } };
    expect(spec.holderIdentity ?? '').toBe('');
  });
});
