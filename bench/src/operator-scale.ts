import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startFakeCameraService } from '@camplane/camera-operator/testing/fake-camera-service';
import { startFaultProxy } from '@camplane/camera-operator/testing/fault-proxy';
import type { FaultProxy } from '@camplane/camera-operator/testing/fault-proxy';
import { startOperatorCluster } from '@camplane/camera-operator/testing/operator-cluster';
import type { OperatorCluster, OperatorNamespace } from '@camplane/camera-operator/testing/operator-cluster';
import type { TestKubernetesApi } from '@camplane/testkit/kubernetes';
import { freePort } from '@camplane/testkit/free-port';
import { cpuSecondsOf, residentBytesOf } from '@camplane/testkit/processes';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import { waitUntil } from '@camplane/testkit/wait-until';
import type { BenchResult } from './bench-result.ts';
import { createPlainWorkloads } from './plain-workloads.ts';
import { podAddress, startSimulatedNodes } from './simulated-nodes.ts';

const idleSeconds = 120;
const changedWhileAway = 20;
const patience = { timeoutMs: 900_000, intervalMs: 250 };
const slowly = { timeoutMs: 900_000, intervalMs: 2_000 };

/**
 * P9: an operator process against a real API server, with its requests counted by a proxy. The real controllers create
 * pods, and kwok runs them. All camera pods respond at one address.
 */
export async function measureOperatorScale(options: { cameras?: number } = {}): Promise<BenchResult> {
  const { cameras = 1_000 } = options;
  const undo: (() => Promise<unknown>)[] = [];
  try {
    const cluster = await startOperatorCluster();
    undo.push(() => cluster.stop());
    const proxy = await startFaultProxy(cluster.kubernetes);
    undo.push(() => proxy.close());
    const pods = await startFakeCameraService({ host: podAddress, port: 9100 });
    undo.push(() => pods.close());
    const nodes = await startSimulatedNodes(cluster.kubernetes);
    undo.push(() => nodes.stop());
    const namespace = await cluster.newNamespace();
    const folder = await createTemporaryFolder();
    undo.push(() => folder.remove());
    const start = async () => {
      const operator = await startOperator(namespace, proxy, folder.path);
      undo.push(() => operator.kill());
      return operator;
    };

    let operator = await start();
    const startedMs = performance.now();
    const created = createCameras(namespace, cameras).then(() => performance.now());
    const made = whenDeployments(cluster.kubernetes, namespace.name, cameras);
    const podsRun = made.then(() => whenPodsRun(cluster.kubernetes, namespace.name, cameras));
    const running = () => phases(operator.url, 'Running');
    await waitUntil(running, (count) => count === cameras, { what: 'all cameras running', ...patience });
    const reconciledMs = performance.now();
    const [createdMs, madeMs, podsRunMs] = await Promise.all([created, made, podsRun]);

    // Let pending work finish before measuring the idle state.
    await delay(20_000);
    proxy.cutAt(null);
    const cpu = await cpuSecondsOf(operator.pid);
    await delay(idleSeconds * 1000);
    const idleWrites = (proxy.writes() / idleSeconds) * 60;
    const idleCpu = ((await cpuSecondsOf(operator.pid)) - cpu) / idleSeconds;
    const peakMiB = operator.peakBytes() / 2 ** 20;

    await operator.kill();
    await Promise.all(
      Array.from({ length: changedWhileAway }, (_, n) =>
        namespace.patchCamera(nameOf(n), { spec: { enabled: false } }),
      ),
    );
    proxy.cutAt(null);
    const restartedMs = performance.now();
    operator = await start();
    await waitUntil(
      async () => [await phases(operator.url, 'Stopped'), await looks(operator.url)] as const,
      ([stopped, looked]) => stopped === changedWhileAway && looked >= cameras,
      { what: 'convergence after a restart', ...patience },
    );
    const convergedMs = performance.now();
    const peak = Math.max(peakMiB, operator.peakBytes() / 2 ** 20);
    const writesAfterRestart = proxy.writes();
    await operator.kill();
    const plain = await measurePlain(cluster, namespace.name, cameras);
    const since = (fromMs: number, toMs: number) => (toMs - fromMs) / 1000;
    return resultOf({
      cameras,
      program: operator.program,
      reconciled: since(startedMs, reconciledMs),
      created: since(startedMs, createdMs),
      made: since(startedMs, madeMs),
      podsRun: since(startedMs, podsRunMs),
      ...{ idleWrites, idleCpu, peak, plain, writesAfterRestart },
      converged: since(restartedMs, convergedMs),
    });
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

/** Times in seconds since the first `Camera`; `converged` since the restart. */
type Measured = Record<'reconciled' | 'created' | 'made' | 'podsRun' | 'converged', number> & {
  cameras: number;
  program: string;
  /** Per minute. */
  idleWrites: number;
  /** Fraction of a core. */
  idleCpu: number;
  /** In MiB. */
  peak: number;
  /** Duration of the control in seconds. */
  plain: number;
  writesAfterRestart: number;
};

function resultOf(measured: Measured): BenchResult {
  const { cameras, reconciled, plain, converged } = measured;
  return {
    id: 'P9',
    title: `${cameras} Camera resources, one operator`,
    rows: [
      {
        ...atMost('all reconciled after', reconciled, 's', 120),
        ...{ control: plain, ratio: reconciled / plain },
      },
      { name: 'until the resources were created', value: measured.created, unit: 's' },
      { name: 'until the operator had created every Deployment', value: measured.made, unit: 's' },
      { name: 'until the simulated nodes ran every pod', value: measured.podsRun, unit: 's' },
      atMost('writes while idle, without the Lease', measured.idleWrites, '/min', 1),
      atMost('memory, maximum', measured.peak, 'MiB', 250),
      { name: 'CPU while idle', value: measured.idleCpu * 100, unit: '% of a core' },
      atMost('converged after a kill and a restart', converged, 's', 30),
      {
        name: `writes after the restart, with ${changedWhileAway} changed cameras`,
        ...{ value: measured.writesAfterRestart, unit: '' },
      },
    ],
    notes: [
      'real kube-apiserver, etcd, controller manager and scheduler; kwok for kubelets; all on this machine, so the times include their work',
      'control: the same ConfigMaps, Services and Deployments, created by a script without operator and Cameras, until their pods run',
      `reconciled: the pod is created, runs, has reported, and the status is Running; idle: ${idleSeconds} s, with every pod polled every 10 s`,
      `the operator is ${measured.program === bundle ? 'the bundle of its image' : 'run from its sources, which costs about 60 MiB more than the bundle (make bundles)'}`,
    ],
  };
}

/** Seconds from the first request until every pod runs. */
async function measurePlain(cluster: OperatorCluster, from: string, count: number): Promise<number> {
  const { name } = await cluster.newNamespace();
  const startedMs = performance.now();
  // The last one, because the id of the first is a prefix of others.
  await createPlainWorkloads({ api: cluster.kubernetes, from, camera: nameOf(count - 1), to: name, count });
  return ((await whenPodsRun(cluster.kubernetes, name, count)) - startedMs) / 1000;
}

function atMost(name: string, value: number, unit: string, target: number) {
  return { name, value, unit, target: `≤ ${target}`, met: value <= target };
}

function nameOf(n: number): string {
  return `camera-${n}`;
}

/** As in its Deployment: garbage is collected before it fills the available memory. */
const memoryFlags = ['--max-semi-space-size=8', '--max-old-space-size=192'];

async function createCameras(namespace: OperatorNamespace, count: number): Promise<void> {
  let next = 0;
  const work = async () => {
    for (let n = next++; n < count; n = next++) await namespace.createCamera(nameOf(n));
  };
  await Promise.all(Array.from({ length: 8 }, work));
}

/** Counts objects without fetching them (`remainingItemCount` of the Kubernetes API). */
async function whenDeployments(api: TestKubernetesApi, namespace: string, count: number): Promise<number> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments?limit=1`;
  const there = async () => {
    const list = (await api.request({ path })).body as { metadata: Rest; items: unknown[] };
    return list.items.length + (list.metadata.remainingItemCount ?? 0);
  };
  await waitUntil(there, (number) => number === count, { what: 'all Deployments created', ...slowly });
  return performance.now();
}

type Rest = { remainingItemCount?: number };

async function whenPodsRun(api: TestKubernetesApi, namespace: string, count: number): Promise<number> {
  const path = `/apis/apps/v1/namespaces/${namespace}/replicasets`;
  const running = async () => {
    const { items } = (await api.request({ path })).body as {
      items: { status?: { readyReplicas?: number } }[];
    };
    return items.filter(({ status }) => status?.readyReplicas === 1).length;
  };
  await waitUntil(running, (number) => number === count, { what: 'all pods running', ...slowly });
  return performance.now();
}

async function startOperator(namespace: OperatorNamespace, proxy: FaultProxy, folder: string) {
  const port = await freePort();
  const kubeConfigFile = join(folder, 'kubeconfig.json');
  await writeFile(kubeConfigFile, namespace.kubeConfigText(proxy.url));
  const program = await operatorProgram();
  const child = spawn(process.execPath, [...memoryFlags, program], {
    env: {
      PATH: process.env['PATH'],
      LOG_LEVEL: 'warn',
      KUBECONFIG: kubeConfigFile,
      OPERATOR_PORT: String(port),
      CAMPLANE_NAMESPACE: namespace.name,
      CAMPLANE_POD_NAME: 'bench',
      CAMPLANE_CAMERA_SERVICE_IMAGE: 'camplane/camera-service:bench',
      CAMPLANE_MEDIAMTX_IMAGE: 'bluenviron/mediamtx:bench',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the operator could not be started');
  let peakBytes = 0;
  const sampling = setInterval(() => {
    void residentBytesOf(pid).then(
      (bytes) => (peakBytes = Math.max(peakBytes, bytes)),
      () => undefined,
    );
  }, 500);
  child.once('exit', () => clearInterval(sampling));
  return {
    pid,
    program,
    url: `http://127.0.0.1:${port}`,
    peakBytes: () => peakBytes,
    kill: () => kill(child),
  };
}

const bundle = fileURLToPath(new URL('../../.tools/bundles/camera-operator/main.js', import.meta.url));

/** The bundle, as in its image, if it was built, else the sources. */
async function operatorProgram(): Promise<string> {
  const isBuilt = await access(bundle).then(
    () => true,
    () => false,
  );
  return isBuilt ? bundle : fileURLToPath(import.meta.resolve('@camplane/camera-operator/main'));
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function metricOf(url: string, pattern: RegExp): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(pattern.exec(text)?.[1] ?? 0);
}

function phases(url: string, phase: string): Promise<number> {
  return metricOf(url, new RegExp(`camplane_operator_cameras\\{phase="${phase}",[^}]*\\} (\\d+)`));
}

function looks(url: string): Promise<number> {
  return metricOf(url, /camplane_operator_reconcile_duration_seconds_count\{[^}]*result="done"[^}]*\} (\d+)/);
}
