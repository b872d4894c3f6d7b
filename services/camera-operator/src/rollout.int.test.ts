import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { waitUntil } from '@camplane/testkit/wait-until';
import type { MaxUnavailable } from './rollout/max-unavailable.ts';
import { startDeploymentController } from './testing/deployment-controller.ts';
import type { DeploymentController } from './testing/deployment-controller.ts';
import type { OperatorNamespace } from './testing/operator-cluster.ts';
import { startOperatorSite } from './testing/operator-site.ts';
import type { OperatorSite } from './testing/operator-site.ts';
import { runOperator } from './testing/running-operator.ts';
import type { RunningOperator } from './testing/running-operator.ts';

jest.setTimeout(300_000);

const patience = { timeoutMs: 120_000 };
const brokenImage = 'camplane/camera-service:broken';
const names = Array.from({ length: 8 }, (_, index) => `cam-${index}`);

let site: OperatorSite;
let namespace: OperatorNamespace;
let controller: DeploymentController;
const running: RunningOperator[] = [];
beforeAll(async () => {
  site = await startOperatorSite();
  namespace = await site.cluster.newNamespace();
  controller = startDeploymentController(site.cluster, namespace, brokenImage);
  for (const name of names) await namespace.createCamera(name);
  const first = run('1', { percent: 10 });
  await untilAllHave('1');
  await untilAllReady();
  await first.stop();
});
afterEach(() => Promise.all(running.splice(0).map((operator) => operator.stop())));
afterAll(async () => {
  await controller?.stop();
  await site?.stop();
});

/** An operator whose cameras have this version of camera-service. */
function run(tag: string, maxUnavailableCameras: MaxUnavailable): RunningOperator {
  const images = { cameraService: imageOf(tag), mediaMtx: 'mediamtx:1' };
  const queuePolicy = { resyncMs: 500 };
  const options = { namespace, ...site, settings: { images }, maxUnavailableCameras, queuePolicy };
  site.proxy.cutAt(null);
  controller.reset();
  const operator = runOperator(options);
  running.push(operator);
  return operator;
}

function imageOf(tag: string): string {
  return `camplane/camera-service:${tag}`;
}

type CameraDeployment = KubernetesObject & {
  spec: { template: { spec: { containers: { image: string }[] } } };
  status?: { readyReplicas?: number };
};

async function deployments(): Promise<CameraDeployment[]> {
  const selection = { namespace: namespace.name };
  return (await site.cluster.api.list<CameraDeployment>(resourceTypes.deployment, selection)).items;
}

async function camerasWith(tag: string): Promise<string[]> {
  const having = (await deployments()).filter(({ spec }) =>
    spec.template.spec.containers.some(({ image }) => image === imageOf(tag)),
  );
  return having.map(({ metadata }) => metadata.name.replace('camera-', ''));
}

async function untilAllHave(tag: string): Promise<void> {
  await waitUntil(
    async () => (await camerasWith(tag)).length,
    (count) => count === names.length,
    { what: `all cameras have the image ${tag}`, ...patience },
  );
}

async function untilAllReady(): Promise<void> {
  await waitUntil(
    async () => (await deployments()).filter(({ status }) => status?.readyReplicas === 1).length,
    (count) => count === names.length,
    { what: 'all pods are ready', ...patience },
  );
}

async function untilSaid(operator: RunningOperator, words: string): Promise<void> {
  await waitUntil(operator.log, (log) => log.includes(words), { what: `it says: ${words}`, ...patience });
}

async function metric(operator: RunningOperator, pattern: RegExp): Promise<number> {
  return Number(pattern.exec(await operator.metrics.registry.metrics())?.[1] ?? Number.NaN);
}

const toReplace = (operator: RunningOperator) =>
  metric(operator, /^camplane_operator_cameras_to_replace(?:\{[^}]*\})? (\d+)/m);
const looked = (operator: RunningOperator) =>
  metric(operator, /camplane_operator_reconcile_duration_seconds_count\{[^}]*"done"[^}]*\} (\d+)/);

async function untilLooked(operator: RunningOperator, times: number): Promise<void> {
  await waitUntil(
    () => looked(operator),
    (count) => count >= times,
    { what: `${times} looks at cameras`, ...patience },
  );
}

describe('an operator with another image', () => {
  it('replaces no more pods at once than it may, each once, and says when it is done', async () => {
    const operator = run('2', { count: 2 });
    await waitUntil(
      () => toReplace(operator),
      (waiting) => waiting > 0,
      { what: 'cameras wait', ...patience },
    );
    await untilAllHave('2');
    await untilSaid(operator, 'the replacement of pods is over');
    expect([controller.replaced.toSorted(), controller.awayMax]).toEqual([names, 2]);
    expect(await toReplace(operator)).toBe(0);
    expect(operator.log()).toContain('the replacement of pods begins');
    await operator.stop();

    // And writes nothing more when it is started anew and all have told how they are.
    const next = run('2', { count: 2 });
    await untilLooked(next, 4 * names.length);
    site.proxy.cutAt(null);
    await untilLooked(next, 8 * names.length);
    expect([site.proxy.writes(), controller.replaced]).toEqual([0, []]);
  });

  it('goes on where the one before was killed', async () => {
    const first = run('3', { percent: 25 });
    await waitUntil(
      async () => (await camerasWith('3')).length,
      (count) => count >= 3,
      { what: 'some have the new image', ...patience },
    );
    site.proxy.cutOff();
    const { awayMax } = controller;
    await first.stop();
    const next = run('3', { percent: 25 });
    await untilAllHave('3');
    await untilSaid(next, 'the replacement of pods is over');
    expect([awayMax, controller.awayMax]).toEqual([2, 2]);
  });

  it('stops at an image that is not there, makes nobody wait who changes a camera, and goes on with the next', async () => {
    const bad = run('broken', { percent: 25 });
    await untilSaid(bad, 'the replacement of pods is halted');
    expect(bad.log()).toMatch(/"reason":"ImagePullFailed".*"waiting":6/);
    const having = await camerasWith('broken');
    expect(having).toHaveLength(2);

    const changed = names.find((name) => !having.includes(name)) ?? '';
    await namespace.patchCamera(changed, { spec: { video: { mode: 'overlay' } } });
    await waitUntil(
      () => camerasWith('broken'),
      (now) => now.includes(changed),
      { what: 'the change of a camera is carried out', ...patience },
    );
    expect(await camerasWith('broken')).toHaveLength(3);
    expect(await toReplace(bad)).toBe(5);
    await bad.stop();

    const good = run('4', { percent: 25 });
    await untilAllHave('4');
    await untilSaid(good, 'the replacement of pods is over');
    await untilAllReady();
    // Those that the bad image took away, and one that was changed.
    expect(controller.awayMax).toBeLessThanOrEqual(3);
  });
});
