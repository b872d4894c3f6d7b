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

/** Applies the CRDs of other projects that tools/foreign-definitions fetched. */
export async function installForeignDefinitions(api: TestKubernetesApi): Promise<void> {
  if (!existsSync(folder)) throw new Error(`${folder} is missing: run 'make setup-test'`);
  // Server-side, because they are too large for kubectl's last-applied annotation. kubectl does not follow symbolic links.
  const apply = ['apply', '--server-side', '--filename', realpathSync(folder)];
  run('kubectl', ['--kubeconfig', api.kubeConfigFile, ...apply]);
  await untilEstablished(api);
}

/** Resolves when every CRD is established. `kubectl wait` fails on a CRD without a status. */
export async function untilEstablished(api: TestKubernetesApi): Promise<void> {
  const isEstablished = ({ status }: Definition) =>
    status?.conditions?.some(
      (condition) => condition.type === 'Established' && condition.status === 'True',
    ) === true;
  await waitUntil(
    () => definitionsOf(api),
    (definitions) => definitions.every(isEstablished),
    { what: 'CRDs to be established', timeoutMs: 60_000, intervalMs: 200 },
  );
}

async function definitionsOf(api: TestKubernetesApi): Promise<Definition[]> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  return ((await api.request({ path })).body as { items: Definition[] }).items;
}

/** Resolves when the API server publishes the schemas of all CRDs. */
export async function schemasOfDefinitions(api: TestKubernetesApi): Promise<void> {
  for (const { spec } of await definitionsOf(api)) {
    for (const { name } of spec.versions.filter(({ served }) => served)) {
      const path = `/openapi/v3/apis/${spec.group}/${name}`;
      await waitUntil(
        () => api.request({ path }),
        ({ status }) => status === 200,
        { what: `${path} to be served`, timeoutMs: 60_000, intervalMs: 200 },
      );
    }
  }
}
