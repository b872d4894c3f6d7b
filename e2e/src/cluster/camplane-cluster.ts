import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ClusterOptions, TestCluster } from '@camplane/testkit/cluster';
import { startCluster } from '@camplane/testkit/cluster';
import { fetchAt } from '@camplane/testkit/fetch-at';
import { findKubernetesProgram } from '@camplane/testkit/kubernetes-programs';
import { descendantsOf } from '@camplane/testkit/processes';
import type { ProcessInfo } from '@camplane/testkit/processes';
import { signIn } from '@camplane/testkit/sign-in';
import type { SignedIn } from '@camplane/testkit/sign-in';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import { waitUntil } from '@camplane/testkit/wait-until';
import { nodeImages } from './node-images.ts';

const run = promisify(execFile);
export const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** The part of a resource that these tests read. */
export type Resource = {
  metadata: { name: string; uid: string; generation?: number; deletionTimestamp?: string };
  spec?: Record<string, unknown>;
  status?: {
    phase?: string;
    podIP?: string;
    node?: string;
    viewers?: number;
    conditions?: { type: string; status: string; reason: string; message: string }[];
  };
};

/** A cluster with Camplane's images on its node, operated with kubectl and helm. */
export type CamplaneCluster = {
  readonly cluster: TestCluster;
  kubectl(args: string[], input?: unknown): Promise<string>;
  helm(args: string[]): Promise<string>;
  list(namespace: string, kind: string, selector?: string): Promise<Resource[]>;
  get(namespace: string, kind: string, name: string): Promise<Resource>;
  /** Address of a Service, reachable from outside the pods. */
  addressOf(namespace: string, service: string): Promise<string>;
  /** Creates volumes for that many claims: this cluster has no provisioner. */
  addVolumes(count: number): Promise<void>;
  /** Waits until every Deployment and StatefulSet of the namespace is ready. */
  waitForWorkloads(namespace: string, timeoutMs: number): Promise<void>;
  waitForReady(namespace: string, camera: string, timeoutMs?: number): Promise<Resource>;
  /** Process ids, on this machine, of the processes in a pod whose command line contains all words. */
  processesOf(pod: Resource, ...words: string[]): Promise<ProcessInfo[]>;
  /**
   * Signs in at control-api: as `admin`, with the password of its Secret, by default.
   *
   * @param secured origin for users and certificate authority of an installation with TLS
   */
  signIn(
    namespace: string,
    login?: { username: string; password: string },
    secured?: { origin: string; ca: string },
  ): Promise<SignedIn>;
  /** Diagnostics after a failure. */
  describe(namespace: string): Promise<string>;
  stop(): Promise<void>;
};

export async function startCamplaneCluster(options: ClusterOptions = {}): Promise<CamplaneCluster> {
  const images = await nodeImages();
  const cluster = await startCluster(options);
  const folder = await createTemporaryFolder();
  try {
    await cluster.importImage(images);
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  const helmProgram = await findKubernetesProgram('helm');

  const kubectl = (args: string[], input?: unknown) =>
    cluster.kubectl(args, {
      cwd: repository,
      ...(input === undefined ? {} : { input: JSON.stringify(input) }),
    });

  async function list(namespace: string, kind: string, selector = ''): Promise<Resource[]> {
    const answer = await kubectl(['-n', namespace, 'get', kind, '--selector', selector, '--output=json']);
    return (JSON.parse(answer) as { items: Resource[] }).items;
  }

  async function get(namespace: string, kind: string, name: string): Promise<Resource> {
    return JSON.parse(await kubectl(['-n', namespace, 'get', kind, name, '--output=json'])) as Resource;
  }

  const administrator = async (namespace: string) => {
    const path = '--output=jsonpath={.data.password}';
    const password = await kubectl(['-n', namespace, 'get', 'secret', 'camplane-admin', path]);
    return { username: 'admin', password: Buffer.from(password, 'base64').toString() };
  };

  const addressOf = (namespace: string, service: string) =>
    kubectl(['-n', namespace, 'get', 'service', service, '--output=jsonpath={.spec.clusterIP}']);

  return {
    cluster,
    kubectl,
    helm: async (args) => {
      const { stdout } = await run(helmProgram, ['--kubeconfig', cluster.kubeConfigFile, ...args], {
        cwd: repository,
      });
      return stdout;
    },
    list,
    get,
    addressOf,
    addVolumes: createVolumes(kubectl, folder.path),
    waitForWorkloads: async (namespace, timeoutMs) => {
      const workloads = await kubectl(['-n', namespace, 'get', 'deployments,statefulsets', '--output=name']);
      const timeout = `--timeout=${Math.ceil(timeoutMs / 1000)}s`;
      const waits = workloads
        .trim()
        .split('\n')
        .map((name) =>
          cluster.kubectl(['-n', namespace, 'rollout', 'status', name, timeout], {
            timeoutMs: timeoutMs + 10_000,
          }),
        );
      await Promise.all(waits).catch(async (error: unknown) => {
        throw new Error(await describe(kubectl, namespace), { cause: error });
      });
    },
    waitForReady: (namespace, camera, timeoutMs = 90_000) =>
      waitUntil(() => get(namespace, 'camera', camera), isReady, {
        what: `camera ${camera} is Ready`,
        timeoutMs,
        intervalMs: 250,
      }).catch(async (error: unknown) => {
        throw new Error(await describe(kubectl, namespace), { cause: error });
      }),
    processesOf: async ({ metadata }, ...words) => {
      const found: ProcessInfo[] = [];
      for (const info of await descendantsOf(cluster.nodePid)) {
        if (!words.every((word) => info.command.includes(word))) continue;
        const groups = await readFile(`/proc/${info.pid}/cgroup`, 'utf8').catch(() => '');
        if (groups.includes(`/pod${metadata.uid}/`)) found.push(info);
      }
      return found;
    },
    signIn: async (namespace, login, secured) => {
      const address = await addressOf(namespace, 'camplane-control-api');
      // It only accepts its own host names, which do not resolve outside the pods.
      const origin = secured?.origin ?? 'http://camplane-control-api:8080';
      return signIn(origin, login ?? (await administrator(namespace)), { fetch: fetchAt(address, secured) });
    },
    describe: (namespace) => describe(kubectl, namespace),
    stop: async () => {
      try {
        await cluster.stop();
      } finally {
        await folder.remove();
      }
    },
  };
}

type Kubectl = (args: string[], input?: unknown) => Promise<string>;

function createVolumes(kubectl: Kubectl, folder: string): (count: number) => Promise<void> {
  let volumes = 0;
  return async (count) => {
    for (let at = 0; at < count; at += 1) {
      const path = join(folder, `volume-${volumes}`);
      await mkdir(path);
      // The kubelet sets the group of every kind of volume except this one.
      await chmod(path, 0o777);
      const spec = {
        capacity: { storage: '10Gi' },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
        hostPath: { path, type: 'Directory' },
      };
      const metadata = { name: `volume-${volumes}` };
      await kubectl(['apply', '-f', '-'], { apiVersion: 'v1', kind: 'PersistentVolume', metadata, spec });
      volumes += 1;
    }
  };
}

async function describe(kubectl: Kubectl, namespace: string): Promise<string> {
  const logs = [
    'logs',
    '--selector=app.kubernetes.io/part-of=camplane',
    '--all-containers',
    '--prefix',
    '--tail=15',
  ];
  const parts = await Promise.all(
    [
      ['get', 'all,cameras,pvc', '--output=wide'],
      ['get', 'cameras', '--output=yaml'],
      ['get', 'events', '--sort-by=.lastTimestamp'],
      logs,
    ].map((args) => kubectl(['-n', namespace, ...args]).catch(String)),
  );
  return parts.join('\n');
}

export function isReady({ metadata, status }: Resource): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' && metadata.deletionTimestamp === undefined;
}

/** Runs something and prints how long it took. */
export async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  const result = await work();
  process.stdout.write(`  ${what}: ${((performance.now() - startedMs) / 1000).toFixed(1)} s\n`);
  return result;
}
