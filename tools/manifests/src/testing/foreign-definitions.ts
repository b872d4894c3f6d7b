import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { TestKubernetesApi } from '@camplane/testkit/kubernetes';
import { waitUntil } from '@camplane/testkit/wait-until';
import { root, run } from './render.ts';

type Definition = { spec: { group: string; versions: { name: string; served: boolean }[] } };

const folder = join(root, '.tools/foreign-definitions');

/** Gives an API server the definitions of others' kinds, as tools/foreign-definitions has them. */
export function installForeignDefinitions({ kubeConfigFile }: TestKubernetesApi): void {
  if (!existsSync(folder)) throw new Error(`${folder} is not there: run 'make setup-test'`);
  const kubectl = (...args: string[]) => run('kubectl', ['--kubeconfig', kubeConfigFile, ...args]);
  // On the server's side: they are too large for the annotation that kubectl would keep them in. It follows no links.
  kubectl('apply', '--server-side', '--filename', realpathSync(folder));
  kubectl('wait', '--for=condition=Established', '--timeout=60s', 'customresourcedefinitions', '--all');
}

/** Resolves when an API server serves the schemas of all that it has definitions of. */
export async function schemasOfDefinitions(api: TestKubernetesApi): Promise<void> {
  const { body } = await api.request({
    path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  });
  for (const { spec } of (body as { items: Definition[] }).items) {
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
