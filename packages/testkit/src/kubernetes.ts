import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { freePorts } from './free-port.ts';
import { findKubernetesProgram } from './kubernetes-programs.ts';
import type { ApiAnswer, ApiRequest } from './kubernetes-request.ts';
import { createApiClient } from './kubernetes-request.ts';
import { pauseProcess } from './processes.ts';
import type { ServerProcess } from './server-process.ts';
import { startServerProcess } from './server-process.ts';
import type { TemporaryFolder } from './temporary-folder.ts';
import { createTemporaryFolder } from './temporary-folder.ts';
import { waitUntil } from './wait-until.ts';

export type TestKubernetesApi = {
  /** As `https://127.0.0.1:PORT`. */
  readonly url: string;
  /** Folder of its keys, tokens and data. */
  readonly folder: string;
  /** The CA certificate (PEM), and an administrator's token. */
  readonly certificateAuthority: string;
  readonly token: string;
  /** For @kubernetes/client-node: `kubeConfig.makeApiClient(CoreV1Api)`. */
  readonly kubeConfig: KubeConfig;
  /** The kubeconfig as a file, for kubectl and other programs. */
  readonly kubeConfigFile: string;
  readonly pids: { readonly apiServer: number; readonly etcd: number };
  /** Sends a request as administrator; returns responses of any status. */
  request(request: ApiRequest): Promise<ApiAnswer>;
  /** The latest logs of kube-apiserver and etcd, for error messages. */
  log(): string;
  /** SIGKILL to kube-apiserver, awaited: the API is unreachable, its data remains. */
  kill(): Promise<void>;
  /** Restarts kube-apiserver after `kill` at the same address; resolves once it responds. */
  restart(): Promise<void>;
  /** SIGSTOP to kube-apiserver: connections stay open without responses. */
  pause(): Promise<void>;
  resume(): void;
  /** Stops both and removes their data. */
  stop(): Promise<void>;
};

/** For a cluster with nodes: the address at which nodes and pods reach the API, and the range of Services. */
export type KubernetesApiOptions = { node?: { address: string; serviceRange: string } };

const startAttempts = 3;

/**
 * Starts the API of a Kubernetes cluster without nodes and controllers: etcd and kube-apiserver on free loopback ports.
 * Contains only objects that the API server creates itself. Resolves once it responds.
 */
export async function startKubernetesApi(options: KubernetesApiOptions = {}): Promise<TestKubernetesApi> {
  const programs = {
    etcd: await findKubernetesProgram('etcd'),
    apiServer: await findKubernetesProgram('kube-apiserver'),
  };
  for (let attempt = 1; ; attempt += 1) {
    const folder = await createTemporaryFolder();
    try {
      return await start(programs, folder, options);
    } catch (error) {
      await folder.remove();
      // Another test took the port between the lookup and the start.
      const isTaken = error instanceof Error && error.message.includes('address already in use');
      if (!isTaken || attempt >= startAttempts) throw error;
    }
  }
}

async function start(
  programs: { etcd: string; apiServer: string },
  folder: TemporaryFolder,
  options: KubernetesApiOptions,
): Promise<TestKubernetesApi> {
  const [clientPort = 0, peerPort = 0, apiPort = 0] = await freePorts(3);
  const token = randomBytes(24).toString('base64url');
  const url = `https://${options.node?.address ?? '127.0.0.1'}:${apiPort}`;
  await writeSecrets(folder.path, token);

  const etcd = startServerProcess('etcd', programs.etcd, etcdArguments(folder.path, clientPort, peerPort));
  let apiServer: ServerProcess | undefined;
  const log = () => [apiServer?.log() ?? '', etcd.log()].join('\n');

  async function runApiServer() {
    const started = startServerProcess(
      'kube-apiserver',
      programs.apiServer,
      apiServerArguments({ folder: folder.path, port: apiPort, etcdPort: clientPort, ...options }),
    );
    apiServer = started;
    const client = await waitUntilReady({ url, token, folder, processes: [etcd, started] });
    return { process: started, client };
  }

  let running: Awaited<ReturnType<typeof runApiServer>>;
  try {
    running = await runApiServer();
  } catch (error) {
    await apiServer?.kill();
    await etcd.kill();
    throw error;
  }
  const certificateAuthority = await readFile(certificateFile(folder.path), 'utf8');
  const kubeConfigFile = join(folder.path, 'kubeconfig.json');
  const kubeConfigText = kubeConfigFor({ url, token, certificateAuthority });
  await writeFile(kubeConfigFile, kubeConfigText, { mode: 0o600 });
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(kubeConfigText);

  const kill = async () => {
    running.client.close();
    await running.process.kill();
  };
  return {
    url,
    folder: folder.path,
    certificateAuthority,
    token,
    kubeConfig,
    kubeConfigFile,
    get pids() {
      return { apiServer: running.process.pid, etcd: etcd.pid };
    },
    request: (request) => running.client.request(request),
    log,
    kill,
    restart: async () => {
      running = await runApiServer();
    },
    pause: () => pauseProcess(running.process.pid),
    resume: () => running.process.signal('SIGCONT'),
    stop: async () => {
      // Killed, because a graceful shutdown waits for every open watch.
      await kill();
      await etcd.kill();
      await folder.remove();
    },
  };
}

function etcdArguments(folder: string, clientPort: number, peerPort: number): string[] {
  const client = `http://127.0.0.1:${clientPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  return [
    ...['--name', 'test', '--data-dir', join(folder, 'etcd'), '--logger', 'zap', '--log-level', 'warn'],
    ...['--listen-client-urls', client, '--advertise-client-urls', client],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
    ...['--initial-cluster', `test=${peer}`],
  ];
}

function apiServerArguments(options: {
  folder: string;
  port: number;
  etcdPort: number;
  node?: { address: string; serviceRange: string };
}): string[] {
  const { folder, port, etcdPort, node } = options;
  const address = node?.address ?? '127.0.0.1';
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    ...[`--bind-address=${address}`, `--secure-port=${port}`, `--advertise-address=${address}`],
    `--cert-dir=${join(folder, 'certificates')}`,
    ...['--authorization-mode=RBAC', `--token-auth-file=${join(folder, 'tokens.csv')}`],
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${join(folder, 'service-account.pub')}`,
    `--service-account-signing-key-file=${join(folder, 'service-account.key')}`,
    `--service-cluster-ip-range=${node?.serviceRange ?? '10.0.0.0/16'}`,
    ...(node === undefined
      ? [
          // It would use loopback as the endpoint of its Service, which is not allowed.
          '--endpoint-reconciler-type=none',
          // No controller creates the default service accounts that this plugin requires.
          '--disable-admission-plugins=ServiceAccount',
        ]
      : // Node names cannot be resolved here.
        ['--kubelet-preferred-address-types=InternalIP', '--allow-privileged=true']),
    // Newer clients would request lists as watches, which require etcd 3.5.
    '--feature-gates=WatchList=false',
    '--v=1',
  ];
}

async function writeSecrets(folder: string, token: string): Promise<void> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
  });
  await writeFile(join(folder, 'tokens.csv'), `${token},administrator,administrator,system:masters\n`, {
    mode: 0o600,
  });
  await writeFile(join(folder, 'service-account.key'), privateKey, { mode: 0o600 });
  await writeFile(join(folder, 'service-account.pub'), publicKey);
}

/** The certificate that kube-apiserver creates at its first start, followed by its CA. */
function certificateFile(folder: string): string {
  return join(folder, 'certificates', 'apiserver.crt');
}

async function waitUntilReady(options: {
  url: string;
  token: string;
  folder: TemporaryFolder;
  processes: ServerProcess[];
}) {
  const { url, token, folder, processes } = options;
  const probe = async () => {
    const ended = processes.find((process) => process.hasEnded());
    if (ended) return { ended };
    const certificateAuthority = await readFile(certificateFile(folder.path), 'utf8');
    const client = createApiClient({ url, token, certificateAuthority });
    try {
      const ready = await client.request({ path: '/readyz' });
      // Created by the API server shortly after it reports ready.
      const namespace = await client.request({ path: '/api/v1/namespaces/default' });
      if (ready.status === 200 && namespace.status === 200) return { client };
      client.close();
      return { status: `readyz ${ready.status}, namespace ${namespace.status}` };
    } catch (error) {
      client.close();
      throw error;
    }
  };
  const seen = await waitUntil(probe, ({ client, ended }) => client !== undefined || ended !== undefined, {
    what: 'the Kubernetes API responds',
    timeoutMs: 60_000,
    intervalMs: 50,
  });
  if (seen.client) return seen.client;
  throw new Error(`${seen.ended?.name} exited at its start: ${seen.ended?.log()}`);
}

/** A kubeconfig as JSON, which is valid YAML. */
function kubeConfigFor(options: { url: string; token: string; certificateAuthority: string }): string {
  const { url, token, certificateAuthority } = options;
  const authority = Buffer.from(certificateAuthority).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: url, 'certificate-authority-data': authority } }],
    users: [{ name: 'administrator', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'administrator', namespace: 'default' } }],
    'current-context': 'test',
  });
}
