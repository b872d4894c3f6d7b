import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import { waitUntil } from '@camplane/testkit/wait-until';
import type { FaultProxy } from '../testing/fault-proxy.ts';
import { startFaultProxy } from '../testing/fault-proxy.ts';
import { startOperatorCluster } from '../testing/operator-cluster.ts';
import type { OperatorCluster, OperatorNamespace } from '../testing/operator-cluster.ts';
import { runOperator } from '../testing/running-operator.ts';
import type { RunningOperator } from '../testing/running-operator.ts';

jest.setTimeout(180_000);

const patience = { timeoutMs: 60_000 };
const leadershipTimes = { leaseMs: 6_000, renewDeadlineMs: 3_000, retryMs: 200 };

let cluster: OperatorCluster;
const proxies: FaultProxy[] = [];
beforeAll(async () => {
  cluster = await startOperatorCluster();
  // A way of its own for each, so that one alone can be cut off.
  for (let n = 0; n < 2; n += 1) proxies.push(await startFaultProxy(cluster.kubernetes));
});
afterAll(async () => {
  await Promise.all(proxies.map((proxy) => proxy.close()));
  await cluster?.stop();
});

function run(namespace: OperatorNamespace, which: 0 | 1): RunningOperator {
  const proxy = proxies[which];
  if (!proxy) throw new Error('no proxy');
  return runOperator({ namespace, proxy, identity: `operator-${which}`, leadershipTimes });
}

async function untilLeads(operator: RunningOperator): Promise<void> {
  await waitUntil(operator.leads, Boolean, { what: 'it leads', ...patience });
}

async function untilMade(namespace: OperatorNamespace, name: string): Promise<void> {
  await waitUntil(
    () => cluster.api.get(resourceTypes.deployment, { namespace: namespace.name, name: `camera-${name}` }),
    (seen) => seen !== undefined,
    { what: `the Deployment of ${name} is made`, ...patience },
  );
}

describe('two operators', () => {
  it('write as one: the other waits, and takes over at once when the first ends', async () => {
    const namespace = await cluster.newNamespace();
    const first = run(namespace, 0);
    await untilLeads(first);
    const second = run(namespace, 1);
    await waitUntil(() => second.health.readiness().ready, Boolean, {
      what: 'the second is ready',
      ...patience,
    });
    await namespace.createCamera('yard');
    await untilMade(namespace, 'yard');
    expect([first.leads(), second.leads(), proxies[1]?.writes()]).toEqual([true, false, 0]);

    await first.stop();
    const left = performance.now();
    await untilLeads(second);
    expect(performance.now() - left).toBeLessThan(leadershipTimes.leaseMs);
    await namespace.createCamera('door');
    await untilMade(namespace, 'door');
    await second.stop();
  });

  it('never both lead: one that is cut off gives up before the other takes over', async () => {
    const namespace = await cluster.newNamespace();
    const first = run(namespace, 0);
    await untilLeads(first);
    const second = run(namespace, 1);
    const both: number[] = [];
    const watching = setInterval(() => {
      if (first.leads() && second.leads()) both.push(performance.now());
    }, 10);
    try {
      // Nothing passes from now on, as when a node loses its network.
      proxies[0]?.cutOff();
      expect(await first.lost).toMatch(/could not be renewed for \d+ s/);
      await untilLeads(second);
      proxies[0]?.cutAt(null);
      await namespace.createCamera('yard');
      await untilMade(namespace, 'yard');
    } finally {
      clearInterval(watching);
    }
    expect([both, first.leads(), second.leads()]).toEqual([[], false, true]);
    await first.stop();
    await second.stop();
  });

  it('are one where somebody takes the lease away: the first ends', async () => {
    const namespace = await cluster.newNamespace();
    const first = run(namespace, 0);
    await untilLeads(first);
    await cluster.api.mergePatch(
      resourceTypes.lease,
      { namespace: namespace.name, name: 'camplane-camera-operator' },
      { spec: { holderIdentity: 'somebody' } },
    );
    expect(await first.lost).toBe('another operator leads');
    await first.stop();
  });
});
