import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { descendantsOf } from './processes.ts';
import type { ServerProcess } from './server-process.ts';
import { startServerProcess } from './server-process.ts';
import { waitUntil } from './wait-until.ts';

const run = promisify(execFile);

/** The address block of a cluster, for the test, the node, the pods and the Services. */
export type ClusterNetwork = {
  readonly link: string;
  readonly block: string;
  readonly hostAddress: string;
  readonly nodeAddress: string;
  readonly podRange: string;
  readonly serviceRange: string;
  readonly apiServiceAddress: string;
  readonly dnsAddress: string;
};

/** Process, mount and network namespaces of a node. They end with its first process. */
export type NodeNamespaces = {
  /** The first process, in the test's process namespace. */
  readonly pid: number;
  readonly network: ClusterNetwork;
  /** The path within every cgroup hierarchy: `/NAME`. */
  readonly controlGroup: string;
  /** Starts a program inside. */
  start(name: string, program: string, args: string[]): ServerProcess;
  /** Runs a program inside until it exits; returns its output. */
  run(program: string, args: string[]): Promise<string>;
  /** Kills everything inside; removes the virtual Ethernet pair and the cgroups. */
  remove(): Promise<void>;
};

const controlGroups = '/sys/fs/cgroup';
const firstBlock = 130;
const lastBlock = 249;

/** Folders with fixed paths that the node's programs use: tmpfs within the mount namespace. */
const privateFolders = ['/run', '/var/lib', '/var/log'];

/**
 * The first process waits for the end of its input, so that the node ends with the test even if the test is killed. Its
 * exit kills everything in its process namespace. Bash also reaps orphans.
 */
const firstProcess = [
  'set -e',
  ...privateFolders.map((folder) => `mount -t tmpfs tmpfs ${folder}`),
  'mkdir -p /run/lock /run/netns /var/log/pods /var/log/containers',
  'ip link set lo up',
  'echo 1 >/proc/sys/net/ipv4/ip_forward',
  // Traffic from a pod to a Service on the same node only crosses the bridge.
  'echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables',
  'echo ready',
  'read -r _ || true',
].join('\n');

export async function createNodeNamespaces(): Promise<NodeNamespaces> {
  const holder = spawn(
    'unshare',
    ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'bash', '-c', firstProcess],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  const ended = once(holder, 'close');
  let output = '';
  for (const stream of [holder.stdout, holder.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  holder.stdin.on('error', () => undefined);
  let network: ClusterNetwork | undefined;
  let controlGroup: string | undefined;
  let pid = 0;

  const remove = async () => {
    if (holder.exitCode === null && holder.signalCode === null) {
      if (pid === 0) holder.kill('SIGKILL');
      else process.kill(pid, 'SIGKILL');
    }
    await ended;
    if (network !== undefined) await run('ip', ['link', 'delete', network.link]).catch(() => undefined);
    if (controlGroup !== undefined) await removeControlGroup(controlGroup);
  };
  try {
    await waitUntil(
      () => output,
      (text) => text.includes('ready') || holder.exitCode !== null,
      { what: 'the namespaces of the node' },
    );
    pid = (await descendantsOf(holder.pid ?? 0)).find(({ parentPid }) => parentPid === holder.pid)?.pid ?? 0;
    if (pid === 0) throw new Error(`no namespaces for a node: ${output.trim()}`);
    network = await connectNetwork(pid);
    controlGroup = await createControlGroup(network.link);
  } catch (error) {
    await remove();
    throw error;
  }
  const enter = (program: string, args: string[]) => [
    ...['--target', String(pid), '--net', '--mount', '--pid', '--', program],
    ...args,
  ];
  return {
    pid,
    network,
    controlGroup,
    start: (name, program, args) => startServerProcess(name, 'nsenter', enter(program, args)),
    run: async (program, args) => {
      const { stdout } = await run('nsenter', enter(program, args), { maxBuffer: 16 * 1024 * 1024 });
      return stdout;
    },
    remove,
  };
}

/** Connects the node to this machine by a virtual Ethernet pair, on the first unused address block. */
async function connectNetwork(pid: number): Promise<ClusterNetwork> {
  const offset = process.pid % (lastBlock - firstBlock);
  for (let at = 0; at <= lastBlock - firstBlock; at += 1) {
    const network = clusterNetwork(firstBlock + ((offset + at) % (lastBlock - firstBlock + 1)));
    if (await isInUse(network.block)) continue;
    const { link, hostAddress, nodeAddress, block } = network;
    try {
      const pair = ['type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid)];
      await run('ip', ['link', 'add', link, ...pair]);
    } catch {
      continue; // Another test took this block.
    }
    const inside = ['--target', String(pid), '--net', '--', 'ip'];
    await run('ip', ['address', 'add', `${hostAddress}/30`, 'dev', link]);
    await run('ip', ['link', 'set', link, 'up']);
    await run('nsenter', [...inside, 'address', 'add', `${nodeAddress}/30`, 'dev', 'eth0']);
    await run('nsenter', [...inside, 'link', 'set', 'eth0', 'up']);
    await run('nsenter', [...inside, 'route', 'add', 'default', 'via', hostAddress]);
    // Also to pods and Services: the test is a client outside the cluster.
    await run('ip', ['route', 'add', block, 'via', nodeAddress, 'dev', link]);
    return network;
  }
  throw new Error(`every block from 10.${firstBlock}.0.0/16 to 10.${lastBlock}.0.0/16 is in use`);
}

function clusterNetwork(index: number): ClusterNetwork {
  return {
    link: `camplane${index}`,
    block: `10.${index}.0.0/16`,
    hostAddress: `10.${index}.0.1`,
    nodeAddress: `10.${index}.0.2`,
    podRange: `10.${index}.1.0/24`,
    serviceRange: `10.${index}.2.0/24`,
    apiServiceAddress: `10.${index}.2.1`,
    dnsAddress: `10.${index}.2.10`,
  };
}

async function isInUse(block: string): Promise<boolean> {
  const { stdout } = await run('ip', ['-oneline', 'route', 'show', 'root', block]);
  return stdout.trim() !== '';
}

/** cgroup version 1 has a hierarchy per controller, version 2 a single one. */
async function hierarchies(): Promise<string[]> {
  const entries = await readdir(controlGroups, { withFileTypes: true });
  if (entries.some(({ name }) => name === 'cgroup.controllers')) return [controlGroups];
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(controlGroups, name));
}

async function createControlGroup(name: string): Promise<string> {
  for (const hierarchy of await hierarchies()) await mkdir(join(hierarchy, name), { recursive: true });
  return `/${name}`;
}

async function removeControlGroup(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    const folder = join(hierarchy, name);
    // Busy until the kernel has removed the last killed process.
    await waitUntil(
      () => removeFolders(folder).then(() => 'removed', String),
      (seen) => seen === 'removed',
      { what: `the control group ${folder} is removed` },
    );
  }
}

/** Removes folders only, deepest first: the files of a cgroup cannot be removed. */
async function removeFolders(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => null);
  if (entries === null) return;
  for (const entry of entries) if (entry.isDirectory()) await removeFolders(join(folder, entry.name));
  await rmdir(folder);
}
