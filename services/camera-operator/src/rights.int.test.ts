import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import { waitUntil } from '@camplane/testkit/wait-until';
import type { FakeCameraService } from './testing/fake-camera-service.ts';
import { startFakeCameraService } from './testing/fake-camera-service.ts';
import type { FaultProxy } from './testing/fault-proxy.ts';
import { startFaultProxy } from './testing/fault-proxy.ts';
import { startOperatorCluster } from './testing/operator-cluster.ts';
import type { OperatorCluster } from './testing/operator-cluster.ts';
import { rightsGranted, rightsUsed } from './testing/rights.ts';
import { runOperator } from './testing/running-operator.ts';

jest.setTimeout(180_000);

const patience = { timeoutMs: 60_000 };
const { camera, deployment, event, lease } = resourceTypes;

let cluster: OperatorCluster;
let proxy: FaultProxy;
let cameraService: FakeCameraService;
beforeAll(async () => {
  cluster = await startOperatorCluster();
  proxy = await startFaultProxy(cluster.kubernetes);
  cameraService = await startFakeCameraService();
});
afterAll(async () => {
  await proxy?.close();
  await cameraService?.close();
  await cluster?.stop();
});

it('has every right that it uses, and no other', async () => {
  const namespace = await cluster.newNamespace();
  const { name } = namespace;
  const operator = runOperator({ namespace, proxy, cameraService });
  const untilPhase = (phase: string) =>
    waitUntil(
      async () => (await namespace.camera('yard'))?.status?.phase,
      (seen) => seen === phase,
      { what: `the phase is ${phase}`, ...patience },
    );
  try {
    await namespace.createCamera('yard');
    await namespace.createPod('yard');
    await untilPhase('Running');
    // There and back: the same event twice is counted on the first.
    for (const [said, phase] of [
      ['ERROR', 'Error'],
      ['RUNNING', 'Running'],
      ['ERROR', 'Error'],
    ] as const) {
      cameraService.phase = said;
      await untilPhase(phase);
    }
    await waitUntil(
      async () => JSON.stringify(await cluster.api.list(event, { namespace: name })),
      (text) => text.includes('"series":{"count":2'),
      { what: 'an event is counted twice', ...patience },
    );
    await cluster.api.remove(camera, { namespace: name, name: 'yard' });
    await waitUntil(
      () => cluster.api.get(deployment, { namespace: name, name: 'camera-yard' }),
      (seen) => seen === undefined,
      { what: 'the Deployment is removed', ...patience },
    );
    // Its renewal is an update.
    await waitUntil(
      () => proxy.seen.some(({ method, path }) => method === 'PUT' && path.includes(`/${lease.plural}/`)),
      Boolean,
      { what: 'the lease is renewed', ...patience },
    );
  } finally {
    await operator.stop();
  }
  expect(proxy.seen.filter(({ status }) => status === 403)).toEqual([]);
  expect(rightsGranted(namespace.account.rules)).toEqual(rightsUsed(proxy.seen));
});
