import { setImmediate as untilSettled } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { installationOf, isOfInstallation } from '../decide/installation.ts';
import type { OperatorSettings } from '../decide/operator-settings.ts';
import { settings } from '../decide/testing/camera-world.ts';
import { broken, createSimulatedCluster } from './testing/simulated-cluster.ts';

const withImage = (cameraService: string): OperatorSettings => ({
  ...settings,
  images: { ...settings.images, cameraService },
});
const second = withImage('camplane/camera-service:0.2.0');
const third = withImage('camplane/camera-service:0.3.0');

type Cluster = ReturnType<typeof createSimulatedCluster>;
type Operator = ReturnType<Cluster['operator']>;

function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `cam-${index}`);
}

/** Everything happens in order, again and again: what is due is looked at, written, carried out, and seen. */
async function settle(
  { cluster, operator, names }: { cluster: Cluster; operator: Operator; names: readonly string[] },
  rounds: number,
  each: { pod?: typeof broken; check?: () => void; isOver?: () => boolean } = {},
): Promise<void> {
  const stop = new AbortController();
  const running = operator.rollout.run(stop.signal);
  for (let round = 0; round < rounds && !each.isOver?.(); round += 1) {
    for (const name of [...operator.due]) operator.look(name);
    for (const name of names) {
      operator.land(name);
      each.check?.();
      cluster.replacePod(name, each.pod);
      if (cluster.away.has(name) || round % 3 === 0) cluster.makeReady(name);
      cluster.show(name, 'all');
    }
    cluster.clock.advance(1_000);
    await untilSettled();
  }
  stop.abort();
  await running;
}

const said = ({ log }: Operator) => log.map(({ level, message }) => `${level} ${message.split(':')[0]}`);
const isDone = (cluster: Cluster, names: readonly string[], of: OperatorSettings) =>
  names.every((name) => {
    const deployment = cluster.deploymentOf(name);
    return deployment && isOfInstallation(deployment, installationOf(of));
  });

describe('the replacement of pods after a change of the installation', () => {
  it('never has more away than the limit, whatever happens when, and gets to its end', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async ({ count, most, actions }) => {
        const names = namesOf(count);
        const cluster = createSimulatedCluster(names, settings);
        let newest = second;
        let operator = cluster.operator(newest, installationOf(newest), most);
        const check = () => expect(cluster.away.size).toBeLessThanOrEqual(most);
        for (const { kind, at, seconds } of actions) {
          const name = names[at % count] ?? '';
          if (kind === 'look') operator.look(name);
          if (kind === 'land') operator.land(name);
          if (kind === 'refuse') operator.land(name, 'refused');
          if (kind === 'lose the answer') operator.land(name, 'lost');
          if (kind === 'replace the pod') cluster.replacePod(name);
          if (kind === 'be ready') cluster.makeReady(name);
          if (kind === 'show the Deployment') cluster.show(name, 'deployment');
          if (kind === 'show the pods') cluster.show(name, 'pods');
          if (kind === 'wait') cluster.clock.advance(seconds * 1_000);
          if (kind === 'start anew' || kind === 'change the settings') {
            if (kind === 'change the settings') newest = newest === second ? third : second;
            cluster.kill();
            // It lists all before it leads.
            for (const one of names) cluster.show(one, 'all');
            operator = cluster.operator(newest, installationOf(newest), most);
          }
          check();
        }
        const isOver = () => isDone(cluster, names, newest) && cluster.away.size === 0;
        await settle({ cluster, operator, names }, 12 + count * 4, { check, isOver });
        expect([isOver(), operator.rollout.waiting()]).toEqual([true, 0]);
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  it('makes nobody wait who has changed a camera, nor a camera that shows nothing', () => {
    const names = namesOf(6);
    const cluster = createSimulatedCluster(names, settings);
    const operator = cluster.operator(second, installationOf(second), 1);
    expect(names.map((name) => operator.look(name)?.replacement)).toEqual([
      'replaces',
      ...names.slice(1).map(() => 'waits'),
    ]);
    cluster.edit('cam-4');
    cluster.switchOff('cam-5');
    cluster.show('cam-5', 'all');
    for (const name of ['cam-4', 'cam-5']) {
      const plan = operator.look(name);
      expect(plan?.replacement).toBeNull();
      expect(plan?.apply.map(({ object }) => object.kind)).toContain('Deployment');
    }
    expect(operator.rollout.waiting()).toBe(3);
  });

  it('counts a camera whose pod is seen to be gone before its Deployment is seen to have changed', () => {
    const cluster = createSimulatedCluster(['a', 'b'], settings);
    const operator = cluster.operator(second, installationOf(second), 1);
    operator.look('a');
    operator.land('a');
    cluster.replacePod('a');
    cluster.show('a', 'pods');
    expect(operator.look('a')?.replacement).toBe('replaces');
    operator.land('a');
    cluster.show('a', 'deployment');
    cluster.clock.advance(1_000);
    expect(operator.look('b')?.replacement).toBe('waits');
  });

  it('begins, goes on and ends with a line each', async () => {
    const names = namesOf(5);
    const cluster = createSimulatedCluster(names, settings);
    const operator = cluster.operator(second, installationOf(second), 2);
    await settle({ cluster, operator, names }, 20);
    expect(said(operator)).toEqual([
      'info the replacement of pods begins',
      'info the replacement of pods is over',
    ]);
    expect(cluster.replaced.toSorted()).toEqual(names);
    // And says nothing of nothing.
    const next = cluster.operator(second, installationOf(second), 2);
    await settle({ cluster, operator: next, names }, 5);
    expect([next.log, cluster.replaced.length]).toEqual([[], 5]);
  });

  it('is halted by pods that cannot start, says so now and then, and goes on with the next change', async () => {
    const names = namesOf(9);
    const cluster = createSimulatedCluster(names, settings);
    const bad = cluster.operator(second, installationOf(second), 3);
    await settle({ cluster, operator: bad, names }, 320, { pod: broken });
    expect([cluster.replaced.length, cluster.away.size, bad.rollout.waiting()]).toEqual([3, 3, 6]);
    const warnings = bad.log.filter(({ level }) => level === 'warn');
    expect(warnings).toHaveLength(2);
    expect(warnings[0]?.fields).toMatchObject({
      cameras: names.slice(0, 3),
      reason: 'ImagePullFailed',
      waiting: 6,
    });
    const good = cluster.operator(third, installationOf(third), 3);
    const check = () => expect(cluster.away.size).toBeLessThanOrEqual(3);
    await settle({ cluster, operator: good, names }, 40, { check });
    expect([isDone(cluster, names, third), cluster.away.size]).toEqual([true, 0]);
    expect(said(good).at(-1)).toBe('info the replacement of pods is over');
  });

  it('gives back the turn of a camera that the cluster refuses', () => {
    const cluster = createSimulatedCluster(['a', 'b'], settings);
    const operator = cluster.operator(second, installationOf(second), 1);
    expect([operator.look('a')?.replacement, operator.look('b')?.replacement]).toEqual(['replaces', 'waits']);
    operator.land('a', 'refused');
    cluster.clock.advance(1_000);
    expect(operator.look('b')?.replacement).toBe('replaces');
    operator.land('b', 'lost');
    cluster.clock.advance(1_000);
    // It may have been done.
    expect(operator.look('a')?.replacement).toBe('waits');
  });
});

const kinds = [
  ...(['look', 'look', 'land', 'refuse', 'lose the answer', 'replace the pod', 'be ready'] as const),
  ...(['show the Deployment', 'show the pods', 'wait', 'start anew', 'change the settings'] as const),
] as const;

/** Few cameras, so that much happens to each. */
const histories = fc.record({
  count: fc.integer({ min: 2, max: 4 }),
  most: fc.integer({ min: 1, max: 2 }),
  actions: fc.array(
    fc.record({
      kind: fc.constantFrom(...kinds),
      at: fc.nat(3),
      seconds: fc.constantFrom(0, 1, 3, 30),
    }),
    { minLength: 20, maxLength: 100 },
  ),
});
