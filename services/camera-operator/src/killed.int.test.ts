import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { waitUntil } from '@camplane/testkit/wait-until';
import type { Cut } from './testing/fault-proxy.ts';
import type { OperatorNamespace } from './testing/operator-cluster.ts';
import { startOperatorEnvironment } from './testing/operator-environment.ts';
import type { OperatorEnvironment } from './testing/operator-environment.ts';
import { runOperator } from './testing/running-operator.ts';

jest.setTimeout(300_000);

const patience = { timeoutMs: 60_000, intervalMs: 50 };
const { camera, configMap, deployment, event, pod, service } = resourceTypes;
const workload = [configMap, service, deployment];

let environment: OperatorEnvironment;
let namespace: OperatorNamespace;
beforeAll(async () => {
  environment = await startOperatorEnvironment();
  namespace = await environment.cluster.newNamespace();
});
afterAll(() => environment?.stop());

/** A camera's objects, without names. */
async function stateOf(name: string): Promise<string[]> {
  const { name: at } = namespace;
  const parts = await Promise.all(
    workload.map(async (type) => {
      const object = await environment.cluster.api.get(type, { namespace: at, name: `camera-${name}` });
      return object ? [`${type.kind}`] : [];
    }),
  );
  const pods = (
    await environment.cluster.api.list(pod, { namespace: at, labelSelector: `camplane.dev/camera=${name}` })
  ).items;
  const annotated = pods.filter(({ metadata }) => metadata.annotations !== undefined).length;
  const status = (await namespace.camera(name))?.status;
  return [...parts.flat(), `annotated pods ${annotated}`, `phase ${status?.phase} ${status?.video?.codec}`];
}

const converged = ['ConfigMap', 'Service', 'Deployment', 'annotated pods 1', 'phase Running h264'];

/**
 * Runs `act` with an operator that is killed at the given write, starts another operator and waits for `state`. Resolves
 * to whether that write occurred.
 */
async function killedAt(cut: Cut, act: () => Promise<void>, name: string, state: string[]): Promise<boolean> {
  environment.proxy.cutAt(cut);
  const first = runOperator({ namespace, ...environment });
  await act();
  await waitUntil(
    async () => environment.proxy.isCut || JSON.stringify(await stateOf(name)) === JSON.stringify(state),
    Boolean,
    { what: `write ${cut.write} of ${name}, or convergence`, ...patience },
  );
  // From here on, none of its writes arrives.
  const { isCut } = environment.proxy;
  environment.proxy.cutOff();
  await first.stop();
  environment.proxy.cutAt(null);
  const next = runOperator({ namespace, ...environment });
  await waitUntil(
    () => stateOf(name),
    (seen) => JSON.stringify(seen) === JSON.stringify(state),
    { what: `convergence of ${name} after a kill ${cut.when} write ${cut.write}`, ...patience },
  );
  await next.stop();
  return isCut;
}

type CameraEvent = KubernetesObject & { reason: string; regarding: { name: string } };

async function eventsOf(name: string): Promise<string[]> {
  const { items } = await environment.cluster.api.list<CameraEvent>(event, { namespace: namespace.name });
  return items.filter(({ regarding }) => regarding.name === name).map(({ reason }) => reason);
}

describe.each(['before', 'after'] as const)('killed %s a write', (when) => {
  it('converges without duplicates, for every write', async () => {
    let writes = 0;
    for (let isCut = true; isCut;) {
      writes += 1;
      const name = `created-${when}-${writes}`;
      const act = async () => {
        await namespace.createPod(name);
        await namespace.createCamera(name);
      };
      isCut = await killedAt({ write: writes, when }, act, name, converged);
      const ready = (await eventsOf(name)).filter((reason) => reason === 'Ready');
      expect(ready.length).toBeLessThanOrEqual(1);
      await environment.cluster.api.remove(camera, { namespace: namespace.name, name });
    }
    // At least ConfigMap, Service, Deployment, annotation and status were cut.
    expect(writes).toBeGreaterThan(5);
  });

  it('leaves nothing of a deleted camera, for every write', async () => {
    const deleted = ['annotated pods 0', 'phase undefined undefined'];
    let writes = 0;
    for (let isCut = true; isCut;) {
      writes += 1;
      const name = `deleted-${when}-${writes}`;
      await namespace.createCamera(name);
      const operator = runOperator({ namespace, ...environment });
      await waitUntil(
        () => stateOf(name),
        (seen) => seen.length === 5,
        { what: `the workload of ${name}`, ...patience },
      );
      await operator.stop();
      const act = () =>
        environment.cluster.api.remove(camera, { namespace: namespace.name, name }).then(() => undefined);
      isCut = await killedAt({ write: writes, when }, act, name, deleted);
    }
    expect(writes).toBeGreaterThan(3);
  });
});
