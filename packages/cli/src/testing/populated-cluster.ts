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
import type { NodeAnswer } from './front-server.ts';

const crdFile = join(import.meta.dirname, '../../../../k8s/crds/cameras.camplane.dev.yaml');

type Stored = Record<string, unknown> & { metadata: { name: string; uid: string } };

/** A real API server, to be filled by a test; what its nodes would answer is `answer`. */
export type TestCluster = {
  kubernetes: TestKubernetesApi;
  folder: string;
  /** Takes the place of what nodes answer. */
  answer(respond: NodeAnswer): void;
  /** Makes an object in the namespace, with its status. */
  make(path: string, object: object): Promise<Stored>;
  /** `camplane ARGS`, as the administrator, or with another token. */
  camplane(
    args: string[],
    options?: { token?: string; signal?: AbortSignal; heard?(text: string): void },
  ): Promise<Said>;
  stop(): Promise<void>;
};

export type Said = { code: number; out: string; err: string };

export const namespace = 'yard';

export async function startTestCluster(): Promise<TestCluster> {
  const kubernetes = await startKubernetesApi();
  const folder = await createTemporaryFolder();
  let respond: NodeAnswer = (_target, response) => response.writeHead(503).end('no endpoints available');
  const front = await startFrontServer(kubernetes, (target, response) => respond(target, response));
  const kubeConfigFile = join(folder.path, 'kubeconfig.json');

  const demand = async (request: Parameters<typeof kubernetes.request>[0]): Promise<Stored> => {
    const answer = await kubernetes.request(request);
    if (answer.status < 300) return answer.body as Stored;
    throw new Error(`${request.path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  };
  await demand({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: namespace } } });

  return {
    kubernetes,
    folder: folder.path,
    answer: (next) => {
      respond = next;
    },
    make: async (path, object) => {
      const { status, ...rest } = object as { status?: unknown };
      const made = await demand({ method: 'POST', path, body: rest });
      if (status === undefined) return made;
      return demand({
        method: 'PATCH',
        path: `${path}/${made.metadata.name}/status`,
        contentType: 'application/merge-patch+json',
        body: { status },
      });
    },
    camplane: async (args, { token = kubernetes.token, signal, heard } = {}) => {
      await writeFile(kubeConfigFile, kubeConfigOf(front.url, token), { mode: 0o600 });
      const [stdout, stderr] = [new PassThrough(), new PassThrough()];
      if (heard) for (const stream of [stdout, stderr]) stream.on('data', (chunk) => heard(String(chunk)));
      const said = Promise.all([text(stdout), text(stderr)]);
      const code = await runCommandLine(['--kubeconfig', kubeConfigFile, ...args], {
        stdout,
        stderr,
        now: Date.now,
        signal: signal ?? new AbortController().signal,
      });
      stdout.end();
      stderr.end();
      const [out, err] = await said;
      return { code, out, err };
    },
    stop: async () => {
      await front.stop();
      await kubernetes.stop();
      await folder.remove();
    },
  };
}

/** Installs the committed definition of cameras and waits until it serves. */
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
