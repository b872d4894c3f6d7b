import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { TestKubernetesApi } from '@camplane/testkit/kubernetes';
import { waitUntil } from '@camplane/testkit/wait-until';
import { root, run } from './render.ts';

type Definition = {
  spec: { group: string; versions: { name: string; served: boolean }[] };
  status?: { conditions?: { type: string; status: string }[] };
};

const folder = join(root, '.tools/foreign-definitions');

/** Gives an API server the definitions of others' kinds, as tools/foreign-definitions has them. */
export async function installForeignDefinitions(api: TestKubernetesApi): Promise<void> {
  if (!existsSync(folder)) throw new Error(`${folder} is not there: run 'make setup-test'`);
  // On the server's side: they are too large for the annotation that kubectl would keep them in. It follows no links.
  const apply = ['apply', '--server-side', '--filename', realpathSync(folder)];
  run('kubectl', ['--kubeconfig', api.kubeConfigFile, ...apply]);
  await untilEstablished(api);
}

/** Resolves when an API server takes objects of every kind that was defined: `kubectl wait` fails on one just made. */
export async function untilEstablished(api: TestKubernetesApi): Promise<void> {
  const isEstablished = ({ status }: Definition) =>
    status?.conditions?.some(
      (condition) => condition.type === 'Established' && condition.status === 'True',
    ) === true;
  await waitUntil(
    () => definitionsOf(api),
    (definitions) => definitions.every(isEstablished),
    { what: 'the definitions are established', timeoutMs: 60_000, intervalMs: 200 },
  );
}

async function definitionsOf(api: TestKubernetesApi): Promise<Definition[]> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  return ((await api.request({ path })).body as { items: Definition[] }).items;
}

/** Resolves when an API server serves the schemas of all that it has definitions of. */
export async function schemasOfDefinitions(api: TestKubernetesApi): Promise<void> {
  for (const { spec } of await definitionsOf(api)) {
    for (const { name } of spec.versions.filter(({ served }) => served)) {
      const path = `/openapi/v3/apis/${spec.group}/${name}`;
      await waitUntil(
        () => api.request({ path }),
        ({ status }) => status === 200,
        { what: `${path} is served`, timeoutMs: 60_000, intervalMs: 200 },
      );
    }
  }
}
