import type { TestKubernetesApi } from '@camplane/testkit/kubernetes';
import type { Manifest } from './render.ts';
import { nameOf } from './render.ts';

/** Resource name of a kind, and whether it is namespaced. */
type Resource = { name: string; kind: string; namespaced: boolean };

/** Objects that the API server rejects, with its messages. */
export async function refusalsOf(
  api: TestKubernetesApi,
  namespace: string,
  manifests: readonly Manifest[],
): Promise<string[]> {
  const resourceOf = resourceFinder(api);
  // Pod admission does not check the template of a Deployment, so its pods are submitted as well.
  const all = [...manifests, ...manifests.flatMap((manifest) => podOf(manifest) ?? [])];
  const refusals: string[] = [];
  for (const manifest of all) {
    const resource = await resourceOf(manifest);
    if (!resource) {
      refusals.push(`${nameOf(manifest)}: ${manifest.apiVersion} has no such kind on this API server`);
      continue;
    }
    const inside = resource.namespaced ? { namespace } : {};
    const answer = await api.request({
      method: 'POST',
      path: `${basePath(manifest)}${resource.namespaced ? `/namespaces/${namespace}` : ''}/${resource.name}?dryRun=All&fieldValidation=Strict`,
      body: { ...manifest, metadata: { ...manifest.metadata, ...inside } },
    });
    if (answer.status >= 300) {
      refusals.push(`${nameOf(manifest)}: ${(answer.body as { message: string }).message}`);
    }
  }
  return refusals;
}

/** Kinds of each API version, requested once. */
function resourceFinder(api: TestKubernetesApi) {
  const known = new Map<string, Resource[]>();
  return async (manifest: Manifest): Promise<Resource | undefined> => {
    const { apiVersion, kind } = manifest;
    let resources = known.get(apiVersion);
    if (!resources) {
      const { status, body } = await api.request({ path: basePath(manifest) });
      resources = status === 200 ? (body as { resources: Resource[] }).resources : [];
      known.set(apiVersion, resources);
    }
    return resources.find((resource) => resource.kind === kind && !resource.name.includes('/'));
  };
}

function basePath({ apiVersion }: Manifest): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** A pod as a controller would create it. */
export function podOf(manifest: Manifest): Manifest | undefined {
  const { template, volumeClaimTemplates = [] } = (manifest['spec'] ?? {}) as {
    template?: { metadata: Manifest['metadata']; spec: { volumes?: object[] } };
    volumeClaimTemplates?: { metadata: { name: string } }[];
  };
  if (!template || !['Deployment', 'StatefulSet'].includes(manifest.kind)) return undefined;
  const claims = volumeClaimTemplates.map(({ metadata: { name } }) => ({
    name,
    persistentVolumeClaim: { claimName: `${name}-${manifest.metadata.name}-0` },
  }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...template.metadata, name: manifest.metadata.name },
    spec: { ...template.spec, volumes: [...(template.spec.volumes ?? []), ...claims] },
  };
}
