import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import { waitUntil } from '@camplane/testkit/wait-until';
import { startOperatorEnvironment } from './testing/operator-environment.ts';
import type { OperatorEnvironment } from './testing/operator-environment.ts';
import { rightsGranted, rightsUsed } from './testing/rights.ts';
import { runOperator } from './testing/running-operator.ts';

jest.setTimeout(180_000);

const patience = { timeoutMs: 60_000 };
const { camera, deployment, event, lease } = resourceTypes;

let environment: OperatorEnvironment;
beforeAll(async () => {
  environment = await startOperatorEnvironment();
});
afterAll(() => environment?.stop());

it('has exactly the rights that it uses', async () => {
  const namespace = await environment.cluster.newNamespace();
  const { name } = namespace;
  const operator = runOperator({ namespace, ...environment });
  const waitForPhase = (phase: string) =>
    waitUntil(
      async () => (await namespace.camera('yard'))?.status?.phase,
      (seen) => seen === phase,
      { what: `phase ${phase}`, ...patience },
    );
  try {
    await namespace.createCamera('yard');
    await namespace.createPod('yard');
    await waitForPhase('Running');
    // The second identical event increments the first.
    for (const [reported, phase] of [
      ['ERROR', 'Error'],
      ['RUNNING', 'Running'],
      ['ERROR', 'Error'],
    ] as const) {
      environment.cameraService.phase = reported;
      await waitForPhase(phase);
    }
    await waitUntil(
      async () => JSON.stringify(await environment.cluster.api.list(event, { namespace: name })),
      (text) => text.includes('"series":{"count":2'),
      { what: 'an event with count 2', ...patience },
    );
    await environment.cluster.api.remove(camera, { namespace: name, name: 'yard' });
    await waitUntil(
      () => environment.cluster.api.get(deployment, { namespace: name, name: 'camera-yard' }),
      (seen) => seen === undefined,
      { what: 'the deletion of the Deployment', ...patience },
    );
    // The renewal is an update.
    await waitUntil(
      () =>
        environment.proxy.seen.some(
          ({ method, path }) => method === 'PUT' && path.includes(`/${lease.plural}/`),
        ),
      Boolean,
      { what: 'a lease renewal', ...patience },
    );
  } finally {
    await operator.stop();
  }
  expect(environment.proxy.seen.filter(({ status }) => status === 403)).toEqual([]);
  expect(rightsGranted(namespace.account.rules)).toEqual(rightsUsed(environment.proxy.seen));
});
