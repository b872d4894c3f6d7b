import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  containerConfiguration,
  dnsImage,
  dnsManifest,
  kubeletConfiguration,
  networkConfiguration,
  nodeFolders,
  nodeName,
  pauseImage,
  proxyConfiguration,
} from './cluster-configuration.ts';
import { writeProgramImage } from './cluster-image.ts';
import type { ClusterNetwork, NodeNamespaces } from './cluster-namespaces.ts';
import { createNodeNamespaces } from './cluster-namespaces.ts';
import { enforceNetworkPolicies } from './cluster-network-policies.ts';
import type { KubernetesProgram } from './kubernetes-programs.ts';
import { findKubernetesProgram } from './kubernetes-programs.ts';
import type { TestKubernetesApi } from './kubernetes.ts';
import { startKubernetesApi } from './kubernetes.ts';
import type { ServerProcess } from './server-process.ts';
import { startServerProcess } from './server-process.ts';
import { createTemporaryFolder } from './temporary-folder.ts';
import { waitUntil } from './wait-until.ts';

export type TestCluster = {
  readonly api: TestKubernetesApi;
  readonly kubeConfigFile: string;
  /** The test is at `hostAddress`, from where it reaches pods, Services and node ports. */
  readonly network: ClusterNetwork;
  /** The node's first process, the ancestor of all processes in pods. */
  readonly nodePid: number;
  /** Runs kubectl as administrator; returns its output or throws with its error. */
  kubectl(args: string[], options?: CommandOptions): Promise<string>;
  /** Imports the images of an OCI or Docker archive to the node. */
  importImage(archive: string): Promise<void>;
  /** The latest logs of all components, for error messages. */
  log(): string;
  /** Stops everything and removes its data, network and cgroups. */
  stop(): Promise<void>;
};

/** Without `networkPolicies` the node enforces none: pods reach each other on every port. */
export type ClusterOptions = { networkPolicies?: boolean };

type CommandOptions = { input?: string; timeoutMs?: number; cwd?: string };

const commandTimeoutMs = 120_000;

/**
 * Starts a Kubernetes cluster of one node. etcd, API server, controller manager and scheduler run beside the test;
 * containerd, kubelet, kube-proxy, CoreDNS and the pods run in separate namespaces, joined to this machine by a virtual
 * Ethernet pair. Resolves once pods can be scheduled and resolve names. Requires root.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<TestCluster> {
  if (process.getuid?.() !== 0) throw new Error('starting a Kubernetes node requires root');
  const undo: (() => Promise<void>)[] = [];
  const stop = async () => {
    const failures: unknown[] = [];
    for (const step of undo.splice(0).reverse()) await step().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, 'the cluster was not removed completely');
  };
  const processes: ServerProcess[] = [];
  try {
    return await start({ ...options, undo, processes, stop });
  } catch (error) {
    const logs = logsOf(processes);
    await stop();
    throw new Error(`the cluster did not start:\n${logs}`, { cause: error });
  }
}

async function start(
  run: ClusterOptions & {
    undo: (() => Promise<void>)[];
    processes: ServerProcess[];
    stop(): Promise<void>;
  },
): Promise<TestCluster> {
  const { undo, processes } = run;
  const programs = await findPrograms();
  const folder = await createTemporaryFolder();
  undo.push(() => folder.remove());
  const namespaces = await createNodeNamespaces();
  undo.push(() => namespaces.remove());
  const { network } = namespaces;
  const api = await startKubernetesApi({
    node: { address: network.hostAddress, serviceRange: network.serviceRange },
  });
  undo.push(() => api.stop());
  const keep = (started: ServerProcess) => {
    processes.push(started);
    return started;
  };
  for (const controller of startControllers(programs, api)) {
    keep(controller);
    undo.push(() => controller.kill());
  }

  const folders = nodeFolders(folder.path);
  await writeNodeFiles({ folders, namespaces, kubeConfigFile: api.kubeConfigFile });
  keep(namespaces.start('containerd', programs.containerd, ['--config', folders.containerFile]));
  const onNode = (args: string[]) =>
    namespaces.run(programs.ctr, ['--address', folders.containerSocket, '--namespace', 'k8s.io', ...args]);
  await waitUntil(
    () => onNode(['version']),
    () => true,
    { what: 'containerd answers', timeoutMs: 30_000 },
  );
  const importImage = async (archive: string) => {
    await onNode(['images', 'import', archive]);
  };
  for (const [image, program] of [
    [pauseImage, programs.pause],
    [dnsImage, programs.coredns],
  ] as const) {
    await importImage(await writeProgramImage({ image, program, folder: folder.path }));
  }
  keep(startKubelet({ namespaces, program: programs.kubelet, folders, api }));
  keep(namespaces.start('kube-proxy', programs['kube-proxy'], ['--config', folders.proxyFile, '--v=1']));

  if (run.networkPolicies === true) {
    const program = programs['kube-network-policies'];
    keep(await enforceNetworkPolicies({ namespaces, program, api }));
  }

  const cluster: TestCluster = {
    api,
    kubeConfigFile: api.kubeConfigFile,
    network,
    nodePid: namespaces.pid,
    kubectl: (args, options) =>
      runCommand(programs.kubectl, ['--kubeconfig', api.kubeConfigFile, ...args], options),
    importImage,
    log: () => [logsOf(processes), api.log()].join('\n'),
    stop: run.stop,
  };
  await cluster.kubectl(['apply', '-f', '-'], { input: dnsManifest(network) });
  await cluster.kubectl(['-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=120s']);
  return cluster;
}

async function findPrograms() {
  const names = [
    'kube-controller-manager',
    'kube-scheduler',
    'kubelet',
    'kube-proxy',
    'kube-network-policies',
    'kubectl',
    'containerd',
    'ctr',
    'coredns',
    'pause',
  ] as const satisfies KubernetesProgram[];
  const found = await Promise.all(
    names.map(async (name) => [name, await findKubernetesProgram(name)] as const),
  );
  return Object.fromEntries(found) as Record<(typeof names)[number], string>;
}

type Programs = Awaited<ReturnType<typeof findPrograms>>;

/** They only use the API, so they can run outside the node. */
function startControllers(programs: Programs, api: TestKubernetesApi): ServerProcess[] {
  const shared = [`--kubeconfig=${api.kubeConfigFile}`, '--leader-elect=false', '--secure-port=0', '--v=1'];
  return [
    startServerProcess('kube-controller-manager', programs['kube-controller-manager'], [
      ...shared,
      `--service-account-private-key-file=${join(api.folder, 'service-account.key')}`,
      `--root-ca-file=${join(api.folder, 'certificates', 'apiserver.crt')}`,
    ]),
    startServerProcess('kube-scheduler', programs['kube-scheduler'], shared),
  ];
}

async function writeNodeFiles(options: {
  folders: ReturnType<typeof nodeFolders>;
  namespaces: NodeNamespaces;
  kubeConfigFile: string;
}): Promise<void> {
  const { folders, namespaces, kubeConfigFile } = options;
  const { network, controlGroup } = namespaces;
  for (const folder of [folders.networkPlugins, folders.kubeletRoot, folders.volumePlugins]) {
    await mkdir(folder, { recursive: true });
  }
  await writeFile(folders.nameServers, '');
  await writeFile(folders.networkFile, networkConfiguration(network));
  await writeFile(folders.containerFile, containerConfiguration(folders));
  await writeFile(folders.kubeletFile, kubeletConfiguration({ folders, network, controlGroup }));
  await writeFile(folders.proxyFile, proxyConfiguration({ network, kubeConfigFile }));
}

function startKubelet(options: {
  namespaces: NodeNamespaces;
  program: string;
  folders: ReturnType<typeof nodeFolders>;
  api: TestKubernetesApi;
}): ServerProcess {
  const { namespaces, program, folders, api } = options;
  return namespaces.start('kubelet', program, [
    ...[
      '--config',
      folders.kubeletFile,
      '--kubeconfig',
      api.kubeConfigFile,
      '--root-dir',
      folders.kubeletRoot,
    ],
    ...['--node-ip', namespaces.network.nodeAddress, '--hostname-override', nodeName, '--v=1'],
  ]);
}

function logsOf(processes: ServerProcess[]): string {
  return processes.map((process) => `== ${process.name}\n${process.log()}`).join('\n');
}

async function runCommand(program: string, args: string[], options: CommandOptions = {}): Promise<string> {
  const { input = '', timeoutMs = commandTimeoutMs, cwd } = options;
  const child = spawn(program, args, { timeout: timeoutMs, killSignal: 'SIGKILL', cwd });
  let output = '';
  let errorOutput = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errorOutput += text));
  child.stdin.on('error', () => undefined).end(input);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code === 0) return output;
  throw new Error(
    `${[program, ...args].join(' ')} failed (${signal ?? code}): ${errorOutput.trim()}\n${output}`,
  );
}
