import { setImmediate as untilSettled } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { installationHashOf, hasInstallation } from '../decide/installation.ts';
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

/** Runs rounds in which all due cameras are decided, written, replaced and shown in the caches. */
async function settle(
  { cluster, operator, names }: { cluster: Cluster; operator: Operator; names: readonly string[] },
  rounds: number,
  each: { pod?: typeof broken; check?: () => void; isOver?: () => boolean } = {},
): Promise<void> {
  const stop = new AbortController();
  const running = operator.rollout.run(stop.signal);
  for (let round = 0; round < rounds && !each.isOver?.(); round += 1) {
    for (const name of [...operator.due]) operator.reconcile(name);
    for (const name of names) {
      operator.complete(name);
      each.check?.();
      cluster.replacePod(name, each.pod);
      if (cluster.unavailable.has(name) || round % 3 === 0) cluster.makeReady(name);
      cluster.show(name, 'all');
    }
    cluster.clock.advance(1_000);
    await untilSettled();
  }
  stop.abort();
  await running;
}

const logLines = ({ log }: Operator) =>
  log.map(({ level, message }) => `${level} ${message.split(/[:;]/)[0]}`);
const isDone = (cluster: Cluster, names: readonly string[], of: OperatorSettings) =>
  names.every((name) => {
    const deployment = cluster.deploymentOf(name);
    return deployment && hasInstallation(deployment, installationHashOf(of));
  });

describe('a rollout', () => {
  it('never exceeds the limit and always finishes, for any history', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async ({ count, max, actions }) => {
        const names = namesOf(count);
        const cluster = createSimulatedCluster(names, settings);
        let newest = second;
        let operator = cluster.operator(newest, installationHashOf(newest), max);
        const check = () => expect(cluster.unavailable.size).toBeLessThanOrEqual(max);
        for (const { kind, at, seconds } of actions) {
          const name = names[at % count] ?? '';
          if (kind === 'reconcile') operator.reconcile(name);
          if (kind === 'complete') operator.complete(name);
          if (kind === 'reject') operator.complete(name, 'rejected');
          if (kind === 'lose the response') operator.complete(name, 'lost');
          if (kind === 'replace the pod') cluster.replacePod(name);
          if (kind === 'be ready') cluster.makeReady(name);
          if (kind === 'show the Deployment') cluster.show(name, 'deployment');
          if (kind === 'show the pods') cluster.show(name, 'pods');
          if (kind === 'wait') cluster.clock.advance(seconds * 1_000);
          if (kind === 'restart' || kind === 'change the settings') {
            if (kind === 'change the settings') newest = newest === second ? third : second;
            cluster.kill();
            // A new leader lists everything first.
            for (const one of names) cluster.show(one, 'all');
            operator = cluster.operator(newest, installationHashOf(newest), max);
          }
          check();
        }
        // A camera whose write was lost counts as waiting until it is reconciled again.
        const isOver = () =>
          isDone(cluster, names, newest) &&
          cluster.unavailable.size === 0 &&
          operator.rollout.waiting() === 0;
        await settle({ cluster, operator, names }, 12 + count * 4, { check, isOver });
        expect(isOver()).toBe(true);
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  it('does not delay a changed camera or one without video', () => {
    const names = namesOf(6);
    const cluster = createSimulatedCluster(names, settings);
    const operator = cluster.operator(second, installationHashOf(second), 1);
    expect(names.map((name) => operator.reconcile(name)?.replacement)).toEqual([
      'replaces',
      ...names.slice(1).map(() => 'waits'),
    ]);
    cluster.edit('cam-4');
    cluster.switchOff('cam-5');
    cluster.show('cam-5', 'all');
    for (const name of ['cam-4', 'cam-5']) {
      const plan = operator.reconcile(name);
      expect(plan?.replacement).toBeNull();
      expect(plan?.apply.map(({ object }) => object.kind)).toContain('Deployment');
    }
    expect(operator.rollout.waiting()).toBe(3);
  });

  it('counts a camera whose pod disappears from the cache before its Deployment changes', () => {
    const cluster = createSimulatedCluster(['a', 'b'], settings);
    const operator = cluster.operator(second, installationHashOf(second), 1);
    operator.reconcile('a');
    operator.complete('a');
    cluster.replacePod('a');
    cluster.show('a', 'pods');
    expect(operator.reconcile('a')?.replacement).toBe('replaces');
    operator.complete('a');
    cluster.show('a', 'deployment');
    cluster.clock.advance(1_000);
    expect(operator.reconcile('b')?.replacement).toBe('waits');
  });

  it('logs its start and its end', async () => {
    const names = namesOf(5);
    const cluster = createSimulatedCluster(names, settings);
    const operator = cluster.operator(second, installationHashOf(second), 2);
    await settle({ cluster, operator, names }, 20);
    expect(logLines(operator)).toEqual(['info rollout started', 'info rollout finished']);
    expect(cluster.replaced.toSorted()).toEqual(names);
    // Without a change it logs nothing.
    const next = cluster.operator(second, installationHashOf(second), 2);
    await settle({ cluster, operator: next, names }, 5);
    expect([next.log, cluster.replaced.length]).toEqual([[], 5]);
  });

  it('halts on pods that do not start, warns at intervals, and continues with the next change', async () => {
    const names = namesOf(9);
    const cluster = createSimulatedCluster(names, settings);
    const bad = cluster.operator(second, installationHashOf(second), 3);
    await settle({ cluster, operator: bad, names }, 320, { pod: broken });
    expect([cluster.replaced.length, cluster.unavailable.size, bad.rollout.waiting()]).toEqual([3, 3, 6]);
    const warnings = bad.log.filter(({ level }) => level === 'warn');
    expect(warnings).toHaveLength(2);
    expect(warnings[0]?.fields).toMatchObject({
      cameras: names.slice(0, 3),
      reason: 'ImagePullFailed',
      waiting: 6,
    });
    const good = cluster.operator(third, installationHashOf(third), 3);
    const check = () => expect(cluster.unavailable.size).toBeLessThanOrEqual(3);
    await settle({ cluster, operator: good, names }, 40, { check });
    expect([isDone(cluster, names, third), cluster.unavailable.size]).toEqual([true, 0]);
    expect(logLines(good).at(-1)).toBe('info rollout finished');
  });

  it('releases the reservation of a rejected camera', () => {
    const cluster = createSimulatedCluster(['a', 'b'], settings);
    const operator = cluster.operator(second, installationHashOf(second), 1);
    expect([operator.reconcile('a')?.replacement, operator.reconcile('b')?.replacement]).toEqual([
      'replaces',
      'waits',
    ]);
    operator.complete('a', 'rejected');
    cluster.clock.advance(1_000);
    expect(operator.reconcile('b')?.replacement).toBe('replaces');
    operator.complete('b', 'lost');
    cluster.clock.advance(1_000);
    // The write may have succeeded.
    expect(operator.reconcile('a')?.replacement).toBe('waits');
  });

  it('keeps a reservation if a retry is rejected after a lost response', () => {
    const cluster = createSimulatedCluster(['a', 'b'], settings);
    const operator = cluster.operator(second, installationHashOf(second), 1);
    operator.reconcile('a');
    operator.complete('a', 'lost');
    expect(operator.reconcile('a')?.replacement).toBe('replaces');
    operator.complete('a', 'rejected');
    cluster.clock.advance(1_000);
    expect(operator.reconcile('b')?.replacement).toBe('waits');
  });

  it('keeps a reservation if a retry is rejected before the caches show the first write', () => {
    const cluster = createSimulatedCluster(['a', 'b'], settings);
    const operator = cluster.operator(second, installationHashOf(second), 1);
    operator.reconcile('a');
    operator.complete('a');
    expect(operator.reconcile('a')?.replacement).toBe('replaces');
    operator.complete('a', 'rejected');
    cluster.clock.advance(1_000);
    expect(operator.reconcile('b')?.replacement).toBe('waits');
  });

  it('counts an unavailable camera that a further change replaces again', () => {
    const names = ['a', 'b'];
    const cluster = createSimulatedCluster(names, settings);
    const lead = (newest: OperatorSettings) => {
      cluster.kill();
      for (const name of names) cluster.show(name, 'all');
      return cluster.operator(newest, installationHashOf(newest), 1);
    };
    lead(second).reconcile('a');
    lead(second);
    cluster.replacePod('a');
    const operator = lead(third);
    cluster.makeReady('a');
    // The cache still shows the pod as not ready, so its replacement does not wait.
    expect(operator.reconcile('a')?.replacement).toBeNull();
    cluster.show('a', 'deployment');
    expect(operator.reconcile('b')?.replacement).toBe('waits');
  });
});

const kinds = [
  ...([
    'reconcile',
    'reconcile',
    'complete',
    'reject',
    'lose the response',
    'replace the pod',
    'be ready',
  ] as const),
  ...(['show the Deployment', 'show the pods', 'wait', 'restart', 'change the settings'] as const),
] as const;

/** Few cameras, so that many actions hit each. */
const histories = fc.record({
  count: fc.integer({ min: 2, max: 4 }),
  max: fc.integer({ min: 1, max: 2 }),
  actions: fc.array(
    fc.record({
      kind: fc.constantFrom(...kinds),
      at: fc.nat(3),
      seconds: fc.constantFrom(0, 1, 3, 30),
    }),
    { minLength: 20, maxLength: 100 },
  ),
});
