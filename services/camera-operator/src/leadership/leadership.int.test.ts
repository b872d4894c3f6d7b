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
  // One proxy per operator, so that either can be cut off.
  for (let n = 0; n < 2; n += 1) proxies.push(await startFaultProxy(cluster.kubernetes));
});
afterAll(async () => {
  await Promise.all(proxies.map((proxy) => proxy.close()));
  await cluster?.stop();
});

function run(namespace: OperatorNamespace, index: 0 | 1): RunningOperator {
  const proxy = proxies[index];
  if (!proxy) throw new Error('no such proxy');
  return runOperator({ namespace, proxy, identity: `operator-${index}`, leadershipTimes });
}

async function waitForLeader(operator: RunningOperator): Promise<void> {
  await waitUntil(operator.isLeader, Boolean, { what: 'the operator becomes leader', ...patience });
}

async function waitForDeployment(namespace: OperatorNamespace, name: string): Promise<void> {
  await waitUntil(
    () => cluster.api.get(resourceTypes.deployment, { namespace: namespace.name, name: `camera-${name}` }),
    (seen) => seen !== undefined,
    { what: `the Deployment of ${name}`, ...patience },
  );
}

describe('two operators', () => {
  it('do not write at once: the second waits, and takes over when the first stops', async () => {
    const namespace = await cluster.newNamespace();
    const first = run(namespace, 0);
    await waitForLeader(first);
    const second = run(namespace, 1);
    await waitUntil(() => second.health.readiness().ready, Boolean, {
      what: 'the second is ready',
      ...patience,
    });
    await namespace.createCamera('yard');
    await waitForDeployment(namespace, 'yard');
    expect([first.isLeader(), second.isLeader(), proxies[1]?.writes()]).toEqual([true, false, 0]);

    await first.stop();
    const left = performance.now();
    await waitForLeader(second);
    expect(performance.now() - left).toBeLessThan(leadershipTimes.leaseMs);
    await namespace.createCamera('door');
    await waitForDeployment(namespace, 'door');
    await second.stop();
  });

  it('are never both leader: one that is cut off resigns before the other takes over', async () => {
    const namespace = await cluster.newNamespace();
    const first = run(namespace, 0);
    await waitForLeader(first);
    const second = run(namespace, 1);
    const both: number[] = [];
    const watching = setInterval(() => {
      if (first.isLeader() && second.isLeader()) both.push(performance.now());
    }, 10);
    try {
      // As when a node loses its network.
      proxies[0]?.cutOff();
      expect(await first.lost).toMatch(/could not be renewed for \d+ s/);
      await waitForLeader(second);
      proxies[0]?.cutAt(null);
      await namespace.createCamera('yard');
      await waitForDeployment(namespace, 'yard');
    } finally {
      clearInterval(watching);
    }
    expect([both, first.isLeader(), second.isLeader()]).toEqual([[], false, true]);
    await first.stop();
    await second.stop();
  });

  it('stop when another process takes the lease', async () => {
    const namespace = await cluster.newNamespace();
    const first = run(namespace, 0);
    await waitForLeader(first);
    await cluster.api.mergePatch(
      resourceTypes.lease,
      { namespace: namespace.name, name: 'camplane-camera-operator' },
      { spec: { holderIdentity: 'another-operator' } },
    );
    expect(await first.lost).toBe('another operator is leader');
    await first.stop();
  });
});
