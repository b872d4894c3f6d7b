import type { TestKubernetesApi } from '@camplane/testkit/kubernetes';
import { startKubernetesApi } from '@camplane/testkit/kubernetes';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import { waitUntil } from '@camplane/testkit/wait-until';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { runCommandLine } from '../command-line.ts';
import { startFrontServer } from './front-server.ts';
import type { NodeResponder } from './front-server.ts';

const crdFile = join(import.meta.dirname, '../../../../k8s/crds/cameras.camplane.dev.yaml');

type Stored = Record<string, unknown> & { metadata: { name: string; uid: string } };

/** A real API server. Tests set the responses of its nodes with `respondWith`. */
export type TestCluster = {
  kubernetes: TestKubernetesApi;
  folder: string;
  /** Sets the responses of nodes. */
  respondWith(respond: NodeResponder): void;
  /** Creates an object with its status. */
  create(path: string, object: object): Promise<Stored>;
  /** Runs `camplane ARGS` as administrator, or with another token. */
  camplane(
    args: string[],
    options?: { token?: string; signal?: AbortSignal; onOutput?(text: string): void },
  ): Promise<CommandResult>;
  stop(): Promise<void>;
};

export type CommandResult = { code: number; out: string; err: string };

export const namespace = 'yard';

export async function startTestCluster(): Promise<TestCluster> {
  const kubernetes = await startKubernetesApi();
  const folder = await createTemporaryFolder();
  let respond: NodeResponder = (_target, response) => response.writeHead(503).end('no endpoints available');
  const front = await startFrontServer(kubernetes, (target, response) => respond(target, response));
  const kubeConfigFile = join(folder.path, 'kubeconfig.json');

  const send = async (request: Parameters<typeof kubernetes.request>[0]): Promise<Stored> => {
    const answer = await kubernetes.request(request);
    if (answer.status < 300) return answer.body as Stored;
    throw new Error(`${request.path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  };
  await send({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: namespace } } });

  return {
    kubernetes,
    folder: folder.path,
    respondWith: (next) => {
      respond = next;
    },
    create: async (path, object) => {
      const { status, ...rest } = object as { status?: unknown };
      const created = await send({ method: 'POST', path, body: rest });
      if (status === undefined) return created;
      return send({
        method: 'PATCH',
        path: `${path}/${created.metadata.name}/status`,
        contentType: 'application/merge-patch+json',
        body: { status },
      });
    },
    camplane: async (args, { token = kubernetes.token, signal, onOutput } = {}) => {
      await writeFile(kubeConfigFile, kubeConfigOf(front.url, token), { mode: 0o600 });
      const [stdout, stderr] = [new PassThrough(), new PassThrough()];
      if (onOutput)
        for (const stream of [stdout, stderr]) stream.on('data', (chunk) => onOutput(String(chunk)));
      const output = Promise.all([text(stdout), text(stderr)]);
      const code = await runCommandLine(['--kubeconfig', kubeConfigFile, ...args], {
        stdout,
        stderr,
        now: Date.now,
        signal: signal ?? new AbortController().signal,
        env: {},
      });
      stdout.end();
      stderr.end();
      const [out, err] = await output;
      return { code, out, err };
    },
    stop: async () => {
      await front.stop();
      await kubernetes.stop();
      await folder.remove();
    },
  };
}

/** Installs the committed CRD and waits until it is served. */
export async function installDefinition({ kubernetes }: TestCluster): Promise<void> {
  const path =
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/cameras.camplane.dev?fieldManager=test';
  const body = await readFile(crdFile, 'utf8');
  await kubernetes.request({ method: 'PATCH', path, contentType: 'application/apply-patch+yaml', body });
  await waitUntil(
    async () =>
      (await kubernetes.request({ path: `/apis/camplane.dev/v1alpha1/namespaces/${namespace}/cameras` }))
        .status,
    (status) => status === 200,
    { what: 'cameras are served', timeoutMs: 30_000 },
  );
}

function kubeConfigOf(server: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'me', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'me', namespace } }],
    'current-context': 'test',
  });
}
