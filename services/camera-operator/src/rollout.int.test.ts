import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { waitUntil } from '@camplane/testkit/wait-until';
import type { MaxUnavailable } from './rollout/max-unavailable.ts';
import { startDeploymentController } from './testing/deployment-controller.ts';
import type { DeploymentController } from './testing/deployment-controller.ts';
import type { OperatorNamespace } from './testing/operator-cluster.ts';
import { startOperatorEnvironment } from './testing/operator-environment.ts';
import type { OperatorEnvironment } from './testing/operator-environment.ts';
import { runOperator } from './testing/running-operator.ts';
import type { RunningOperator } from './testing/running-operator.ts';

jest.setTimeout(300_000);

const patience = { timeoutMs: 120_000 };
const brokenImage = 'camplane/camera-service:broken';
const names = Array.from({ length: 8 }, (_, index) => `cam-${index}`);

let environment: OperatorEnvironment;
let namespace: OperatorNamespace;
let controller: DeploymentController;
const running: RunningOperator[] = [];
beforeAll(async () => {
  environment = await startOperatorEnvironment();
  namespace = await environment.cluster.newNamespace();
  controller = startDeploymentController(environment.cluster, namespace, brokenImage);
  for (const name of names) await namespace.createCamera(name);
  const first = run('1', { percent: 10 });
  await waitForImage('1');
  await waitForAllReady();
  await first.stop();
});
afterEach(() => Promise.all(running.splice(0).map((operator) => operator.stop())));
afterAll(async () => {
  await controller?.stop();
  await environment?.stop();
});

/** Runs an operator with this version of camera-service. */
function run(tag: string, maxUnavailableCameras: MaxUnavailable): RunningOperator {
  const images = { cameraService: imageOf(tag), mediaMtx: 'mediamtx:1' };
  const queuePolicy = { resyncMs: 500 };
  const options = { namespace, ...environment, settings: { images }, maxUnavailableCameras, queuePolicy };
  environment.proxy.cutAt(null);
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
  return (await environment.cluster.api.list<CameraDeployment>(resourceTypes.deployment, selection)).items;
}

async function camerasWith(tag: string): Promise<string[]> {
  const having = (await deployments()).filter(({ spec }) =>
    spec.template.spec.containers.some(({ image }) => image === imageOf(tag)),
  );
  return having.map(({ metadata }) => metadata.name.replace('camera-', ''));
}

async function waitForImage(tag: string): Promise<void> {
  await waitUntil(
    async () => (await camerasWith(tag)).length,
    (count) => count === names.length,
    { what: `the image ${tag} in all cameras`, ...patience },
  );
}

async function waitForAllReady(): Promise<void> {
  await waitUntil(
    async () => (await deployments()).filter(({ status }) => status?.readyReplicas === 1).length,
    (count) => count === names.length,
    { what: 'all pods ready', ...patience },
  );
}

async function waitForLog(operator: RunningOperator, text: string): Promise<void> {
  await waitUntil(operator.log, (log) => log.includes(text), { what: `log line: ${text}`, ...patience });
}

async function metric(operator: RunningOperator, pattern: RegExp): Promise<number> {
  return Number(pattern.exec(await operator.metrics.registry.metrics())?.[1] ?? Number.NaN);
}

const toReplace = (operator: RunningOperator) =>
  metric(operator, /^camplane_operator_cameras_to_replace(?:\{[^}]*\})? (\d+)/m);
const reconcileCount = (operator: RunningOperator) =>
  metric(operator, /camplane_operator_reconcile_duration_seconds_count\{[^}]*"done"[^}]*\} (\d+)/);

async function waitForReconciles(operator: RunningOperator, times: number): Promise<void> {
  await waitUntil(
    () => reconcileCount(operator),
    (count) => count >= times,
    { what: `${times} reconciles`, ...patience },
  );
}

describe('an operator with another image', () => {
  it('replaces each pod once, within the limit, and logs the end', async () => {
    const operator = run('2', { count: 2 });
    await waitUntil(
      () => toReplace(operator),
      (waiting) => waiting > 0,
      { what: 'waiting cameras', ...patience },
    );
    await waitForImage('2');
    await waitForLog(operator, 'rollout finished');
    expect([controller.replaced.toSorted(), controller.unavailableMax]).toEqual([names, 2]);
    expect(await toReplace(operator)).toBe(0);
    expect(operator.log()).toContain('rollout started');
    await operator.stop();

    // After a restart and a report of every camera, nothing more is written.
    const next = run('2', { count: 2 });
    await waitForReconciles(next, 4 * names.length);
    environment.proxy.cutAt(null);
    await waitForReconciles(next, 8 * names.length);
    expect([environment.proxy.writes(), controller.replaced]).toEqual([0, []]);
  });

  it('continues the rollout of a killed operator', async () => {
    const first = run('3', { percent: 25 });
    await waitUntil(
      async () => (await camerasWith('3')).length,
      (count) => count >= 3,
      { what: 'the new image in three cameras', ...patience },
    );
    environment.proxy.cutOff();
    const { unavailableMax } = controller;
    await first.stop();
    const next = run('3', { percent: 25 });
    await waitForImage('3');
    await waitForLog(next, 'rollout finished');
    expect([unavailableMax, controller.unavailableMax]).toEqual([2, 2]);
  });

  it('halts at a missing image, does not delay a camera change, and continues with the next image', async () => {
    const bad = run('broken', { percent: 25 });
    await waitForLog(bad, 'rollout halted');
    expect(bad.log()).toMatch(/"reason":"ImagePullFailed".*"waiting":6/);
    const replaced = await camerasWith('broken');
    expect(replaced).toHaveLength(2);

    const changed = names.find((name) => !replaced.includes(name)) ?? '';
    await namespace.patchCamera(changed, { spec: { video: { mode: 'overlay' } } });
    await waitUntil(
      () => camerasWith('broken'),
      (now) => now.includes(changed),
      { what: 'the applied camera change', ...patience },
    );
    expect(await camerasWith('broken')).toHaveLength(3);
    expect(await toReplace(bad)).toBe(5);
    await bad.stop();

    const good = run('4', { percent: 25 });
    await waitForImage('4');
    await waitForLog(good, 'rollout finished');
    await waitForAllReady();
    // Those with the bad image, and the changed one.
    expect(controller.unavailableMax).toBeLessThanOrEqual(3);
  });
});
