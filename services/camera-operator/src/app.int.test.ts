import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { configVersionAnnotation } from '@camplane/contracts/camera-workload';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { waitUntil } from '@camplane/testkit/wait-until';
import type { OperatorNamespace } from './testing/operator-cluster.ts';
import { startOperatorSite } from './testing/operator-site.ts';
import type { OperatorSite } from './testing/operator-site.ts';
import { runOperator } from './testing/running-operator.ts';
import type { RunningOperator } from './testing/running-operator.ts';

jest.setTimeout(180_000);

const patience = { timeoutMs: 60_000 };
const { camera, configMap, deployment, event, lease, pod, secret, service } = resourceTypes;

let site: OperatorSite;
beforeAll(async () => {
  site = await startOperatorSite();
});
const running: RunningOperator[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((operator) => operator.stop()));
  site.cameraService.phase = 'RUNNING';
  site.cameraService.readers.clear();
});
afterAll(() => site?.stop());

function run(namespace: OperatorNamespace, options: Partial<Parameters<typeof runOperator>[0]> = {}) {
  const operator = runOperator({ namespace, ...site, ...options });
  running.push(operator);
  return operator;
}

async function namesOf(namespace: OperatorNamespace): Promise<string[]> {
  const lists = [configMap, service, deployment].map(async (type) => {
    const { items } = await site.cluster.api.list(type, {
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

async function untilNames(namespace: OperatorNamespace, names: string[]): Promise<void> {
  await waitUntil(
    () => namesOf(namespace),
    (seen) => JSON.stringify(seen.toSorted()) === JSON.stringify(names.toSorted()),
    { what: `there are ${names.join(', ') || 'none'}`, ...patience },
  );
}

async function untilReady(namespace: OperatorNamespace, name: string, status = 'True') {
  return waitUntil(
    async () => (await namespace.camera(name))?.status,
    (seen) => seen?.conditions?.find(({ type }) => type === 'Ready')?.status === status,
    { what: `${name} has Ready=${status}`, ...patience },
  );
}

/** Its pod has answered, too. */
async function untilReported(namespace: OperatorNamespace, name: string) {
  return waitUntil(
    async () => (await namespace.camera(name))?.status,
    (seen) => seen?.phase === 'Running' && seen.video !== undefined,
    { what: `the pod of ${name} has reported`, ...patience },
  );
}

function get(
  namespace: OperatorNamespace,
  type: (typeof resourceTypes)[keyof typeof resourceTypes],
  name: string,
) {
  return site.cluster.api.get<KubernetesObject & { spec?: { replicas?: number } }>(type, {
    namespace: namespace.name,
    name,
  });
}

async function looked(operator: RunningOperator): Promise<number> {
  const text = await operator.metrics.registry.metrics();
  const count = /camplane_operator_reconcile_duration_seconds_count\{[^}]*result="done"[^}]*\} (\d+)/.exec(
    text,
  );
  return Number(count?.[1] ?? 0);
}

describe('an operator', () => {
  it('makes what runs a camera, tells what it observes, and repairs what others change', async () => {
    const namespace = await site.cluster.newNamespace();
    const ref = { namespace: namespace.name, name: 'camera-yard' };
    const { metadata } = await namespace.createCamera('yard');
    run(namespace);
    await untilNames(namespace, workloadOf('yard'));
    const made = await get(namespace, deployment, 'camera-yard');
    expect(made?.metadata.ownerReferences).toEqual([
      expect.objectContaining({ kind: 'Camera', name: 'yard', uid: metadata.uid, controller: true }),
    ]);
    await untilReady(namespace, 'yard', 'False');

    await namespace.createPod('yard');
    expect(await untilReported(namespace, 'yard')).toMatchObject({
      ...{ phase: 'Running', node: 'node-a', observedGeneration: 1 },
      video: { codec: 'h264', size: '1280x720' },
    });
    // It is told after the status is written.
    const events = await waitUntil(
      async () => (await site.cluster.api.list(event, { namespace: namespace.name })).items,
      (items) => items.length > 0,
      { what: 'an event is told', ...patience },
    );
    expect(events).toEqual([expect.objectContaining({ reason: 'Ready', type: 'Normal' })]);

    await site.cluster.api.mergePatch(deployment, ref, { spec: { replicas: 3 } });
    await waitUntil(
      async () => (await get(namespace, deployment, ref.name))?.spec?.replicas,
      (replicas) => replicas === 1,
      { what: 'the replicas are put right', ...patience },
    );
    await site.cluster.api.remove(service, ref);
    await site.cluster.api.mergePatch(configMap, ref, { data: { 'cameras.json': 'nonsense' } });
    await untilNames(namespace, workloadOf('yard'));
    await waitUntil(
      async () => JSON.stringify(await get(namespace, configMap, ref.name)),
      (text) => !text.includes('nonsense'),
      { what: 'the configuration is put right', ...patience },
    );
  });

  it('tells what the pod and the edge say, and only what is new', async () => {
    const namespace = await site.cluster.newNamespace();
    await namespace.createCamera('yard');
    await namespace.createPod('yard');
    await namespace.createEdgePod();
    site.cameraService.readers.set('yard', 2).set('yard/sub', 1);
    const operator = run(namespace);
    await untilReported(namespace, 'yard');
    await waitUntil(
      async () => (await namespace.camera('yard'))?.status?.viewers,
      (viewers) => viewers === 3,
      { what: 'three viewers are told', ...patience },
    );
    const before = (await namespace.camera('yard'))?.metadata.resourceVersion;
    const asked = site.cameraService.asked;
    // Two more reports, which differ in times and in the last digits of the frame rate.
    await waitUntil(
      () => site.cameraService.asked,
      (now) => now >= asked + 2,
      { what: 'the pod is asked twice more', ...patience },
    );
    expect((await namespace.camera('yard'))?.metadata.resourceVersion).toBe(before);

    site.cameraService.phase = 'ERROR';
    await untilReady(namespace, 'yard', 'False');
    expect(operator.log()).not.toContain('a write failed');
  });

  it('removes what is left of a camera that is gone, and nothing else', async () => {
    const namespace = await site.cluster.newNamespace();
    await namespace.createCamera('yard');
    await namespace.createCamera('door');
    const foreign = { namespace: namespace.name, name: 'camera-mine' };
    await site.cluster.api.create(configMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata: foreign });
    run(namespace);
    await untilNames(namespace, [...workloadOf('yard'), ...workloadOf('door')]);
    await site.cluster.api.remove(camera, { namespace: namespace.name, name: 'yard' });
    await untilNames(namespace, workloadOf('door'));
    expect(await get(namespace, configMap, 'camera-mine')).toBeDefined();
  });

  it('leaves alone what has a camera’s name and is somebody else’s', async () => {
    const namespace = await site.cluster.newNamespace();
    const foreign = { namespace: namespace.name, name: 'camera-yard' };
    await site.cluster.api.create(configMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata: foreign });
    await namespace.createCamera('yard');
    run(namespace);
    const status = await untilReady(namespace, 'yard', 'False');
    expect(status?.conditions?.[0]).toMatchObject({ reason: 'NameTaken' });
    expect(await namesOf(namespace)).toEqual([]);
  });

  it('brings a changed Secret to the pods of its camera alone, and reads no value of it', async () => {
    const namespace = await site.cluster.newNamespace();
    for (const name of ['yard', 'door']) {
      await site.cluster.api.create(secret, {
        ...{
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: `${name}-login`, namespace: namespace.name },
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
      { what: 'both pods are annotated', ...patience },
    );
    await Promise.all([untilReady(namespace, 'yard'), untilReady(namespace, 'door')]);
    const door = (await podNow('door'))?.metadata.resourceVersion;

    const yardLogin = { namespace: namespace.name, name: 'yard-login' };
    await site.cluster.api.mergePatch(secret, yardLogin, { stringData: { password: 'hunter3' } });
    await waitUntil(
      () => version('yard'),
      (now) => now !== first[0],
      {
        what: 'the pod whose Secret changed is annotated anew',
        ...patience,
      },
    );
    expect((await podNow('door'))?.metadata.resourceVersion).toBe(door);
    expect(operator.log()).not.toMatch(/hunter|aHVudGVy/);
    const secrets = site.proxy.seen.filter(({ path }) => path.endsWith('/secrets'));
    expect(secrets.length).toBeGreaterThan(0);
    expect(secrets.filter(({ accept }) => !accept.includes('PartialObjectMetadata'))).toEqual([]);
  });

  it('writes nothing after a restart where all is as it should be', async () => {
    const namespace = await site.cluster.newNamespace();
    for (const name of ['yard', 'door']) {
      await namespace.createCamera(name);
      await namespace.createPod(name);
    }
    const first = run(namespace);
    await Promise.all([untilReady(namespace, 'yard'), untilReady(namespace, 'door')]);
    await waitUntil(
      () => looked(first),
      (count) => count >= 6,
      { what: 'it has settled', ...patience },
    );
    await first.stop();

    site.proxy.cutAt(null);
    const second = run(namespace, { identity: 'second', queuePolicy: { resyncMs: 500 } });
    await waitUntil(
      () => looked(second),
      (count) => count >= 8,
      {
        what: 'each camera is looked at several times',
        ...patience,
      },
    );
    expect(site.proxy.writes()).toBe(0);
  });

  it('goes on after its watches are closed, and after the API was away', async () => {
    const namespace = await site.cluster.newNamespace();
    const operator = run(namespace);
    await namespace.createCamera('first');
    await untilNames(namespace, workloadOf('first'));
    site.proxy.closeConnections();
    await namespace.createCamera('second');
    await untilNames(namespace, [...workloadOf('first'), ...workloadOf('second')]);

    await site.cluster.kubernetes.kill();
    await waitUntil(
      () => operator.log(),
      (log) => log.includes('a watch is begun anew'),
      {
        what: 'it notices that the API is away',
        ...patience,
      },
    );
    // With its memory of old versions gone, too.
    await site.cluster.kubernetes.restart();
    await site.cluster.api.remove(camera, { namespace: namespace.name, name: 'first' });
    await namespace.createCamera('third');
    await untilNames(namespace, [...workloadOf('second'), ...workloadOf('third')]);
    expect(operator.leads()).toBe(true);
    expect(operator.health.readiness().ready).toBe(true);
    await expect(operator.metrics.registry.metrics()).resolves.toMatch(
      /camplane_operator_watch_staleness_seconds\{resource="cameras",[^}]*\} \d/,
    );
  });

  it('has a lease like others’, and leaves it at an orderly end', async () => {
    const namespace = await site.cluster.newNamespace();
    const operator = run(namespace, { identity: 'first' });
    await waitUntil(operator.leads, Boolean, { what: 'it leads', ...patience });
    const leaseNow = () => get(namespace, lease, 'camplane-camera-operator');
    expect(await leaseNow()).toMatchObject({ spec: { holderIdentity: 'first', leaseDurationSeconds: 15 } });
    await operator.stop();
    const { spec } = (await leaseNow()) as unknown as { spec: { holderIdentity?: string } };
    expect(spec.holderIdentity ?? '').toBe('');
  });
});
