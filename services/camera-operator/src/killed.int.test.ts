import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { waitUntil } from '@camplane/testkit/wait-until';
import type { Cut } from './testing/fault-proxy.ts';
import type { OperatorNamespace } from './testing/operator-cluster.ts';
import { startOperatorSite } from './testing/operator-site.ts';
import type { OperatorSite } from './testing/operator-site.ts';
import { runOperator } from './testing/running-operator.ts';

jest.setTimeout(300_000);

const patience = { timeoutMs: 60_000, intervalMs: 50 };
const { camera, configMap, deployment, event, pod, service } = resourceTypes;
const workload = [configMap, service, deployment];

let site: OperatorSite;
let namespace: OperatorNamespace;
beforeAll(async () => {
  site = await startOperatorSite();
  namespace = await site.cluster.newNamespace();
});
afterAll(() => site?.stop());

/** Objects of a camera, without what differs from one camera to the next. */
async function stateOf(name: string): Promise<string[]> {
  const { name: at } = namespace;
  const parts = await Promise.all(
    workload.map(async (type) => {
      const object = await site.cluster.api.get(type, { namespace: at, name: `camera-${name}` });
      return object ? [`${type.kind}`] : [];
    }),
  );
  const pods = (
    await site.cluster.api.list(pod, { namespace: at, labelSelector: `camplane.dev/camera=${name}` })
  ).items;
  const annotated = pods.filter(({ metadata }) => metadata.annotations !== undefined).length;
  const status = (await namespace.camera(name))?.status;
  return [...parts.flat(), `annotated pods ${annotated}`, `phase ${status?.phase} ${status?.video?.codec}`];
}

const converged = ['ConfigMap', 'Service', 'Deployment', 'annotated pods 1', 'phase Running h264'];

/**
 * Does `act` while an operator runs that is killed at the given write, then starts the next one, as the kubelet
 * would, and waits for `state`. Resolves to whether there was such a write.
 */
async function killedAt(cut: Cut, act: () => Promise<void>, name: string, state: string[]): Promise<boolean> {
  site.proxy.cutAt(cut);
  const first = runOperator({ namespace, ...site });
  await act();
  await waitUntil(
    async () => site.proxy.isCut || JSON.stringify(await stateOf(name)) === JSON.stringify(state),
    Boolean,
    { what: `write ${cut.write} of ${name}, or all of it`, ...patience },
  );
  // What it does now it does no more: nothing of it arrives.
  const { isCut } = site.proxy;
  site.proxy.cutOff();
  await first.stop();
  site.proxy.cutAt(null);
  const next = runOperator({ namespace, ...site });
  await waitUntil(
    () => stateOf(name),
    (seen) => JSON.stringify(seen) === JSON.stringify(state),
    { what: `${name} converges after a kill ${cut.when} write ${cut.write}`, ...patience },
  );
  await next.stop();
  return isCut;
}

type CameraEvent = KubernetesObject & { reason: string; regarding: { name: string } };

async function eventsOf(name: string): Promise<string[]> {
  const { items } = await site.cluster.api.list<CameraEvent>(event, { namespace: namespace.name });
  return items.filter(({ regarding }) => regarding.name === name).map(({ reason }) => reason);
}

describe.each(['before', 'after'] as const)('killed %s a write', (when) => {
  it('converges, with nothing doubled, whichever write it was', async () => {
    let writes = 0;
    for (let isCut = true; isCut;) {
      writes += 1;
      const name = `made-${when}-${writes}`;
      const act = async () => {
        await namespace.createPod(name);
        await namespace.createCamera(name);
      };
      isCut = await killedAt({ write: writes, when }, act, name, converged);
      const ready = (await eventsOf(name)).filter((reason) => reason === 'Ready');
      expect(ready.length).toBeLessThanOrEqual(1);
      // Out of the way of the next.
      await site.cluster.api.remove(camera, { namespace: namespace.name, name });
    }
    // ConfigMap, Service, Deployment, annotation, status: not less, or nothing was tried.
    expect(writes).toBeGreaterThan(5);
  });

  it('leaves nothing of a camera that is gone, whichever write it was', async () => {
    const gone = ['annotated pods 0', 'phase undefined undefined'];
    let writes = 0;
    for (let isCut = true; isCut;) {
      writes += 1;
      const name = `gone-${when}-${writes}`;
      await namespace.createCamera(name);
      const operator = runOperator({ namespace, ...site });
      await waitUntil(
        () => stateOf(name),
        (seen) => seen.length === 5,
        { what: `${name} is made`, ...patience },
      );
      await operator.stop();
      const act = () =>
        site.cluster.api.remove(camera, { namespace: namespace.name, name }).then(() => undefined);
      isCut = await killedAt({ write: writes, when }, act, name, gone);
    }
    expect(writes).toBeGreaterThan(3);
  });
});
