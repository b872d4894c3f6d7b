import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import { waitUntil } from '@camplane/testkit/wait-until';
import { startOperatorSite } from './testing/operator-site.ts';
import type { OperatorSite } from './testing/operator-site.ts';
import { rightsGranted, rightsUsed } from './testing/rights.ts';
import { runOperator } from './testing/running-operator.ts';

jest.setTimeout(180_000);

const patience = { timeoutMs: 60_000 };
const { camera, deployment, event, lease } = resourceTypes;

let site: OperatorSite;
beforeAll(async () => {
  site = await startOperatorSite();
});
afterAll(() => site?.stop());

it('has every right that it uses, and no other', async () => {
  const namespace = await site.cluster.newNamespace();
  const { name } = namespace;
  const operator = runOperator({ namespace, ...site });
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
      site.cameraService.phase = said;
      await untilPhase(phase);
    }
    await waitUntil(
      async () => JSON.stringify(await site.cluster.api.list(event, { namespace: name })),
      (text) => text.includes('"series":{"count":2'),
      { what: 'an event is counted twice', ...patience },
    );
    await site.cluster.api.remove(camera, { namespace: name, name: 'yard' });
    await waitUntil(
      () => site.cluster.api.get(deployment, { namespace: name, name: 'camera-yard' }),
      (seen) => seen === undefined,
      { what: 'the Deployment is removed', ...patience },
    );
    // Its renewal is an update.
    await waitUntil(
      () =>
        site.proxy.seen.some(({ method, path }) => method === 'PUT' && path.includes(`/${lease.plural}/`)),
      Boolean,
      { what: 'the lease is renewed', ...patience },
    );
  } finally {
    await operator.stop();
  }
  expect(site.proxy.seen.filter(({ status }) => status === 403)).toEqual([]);
  expect(rightsGranted(namespace.account.rules)).toEqual(rightsUsed(site.proxy.seen));
});
