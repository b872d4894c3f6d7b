import type { TestKubernetesApi } from '@camplane/testkit/kubernetes';
import type { Manifest } from './render.ts';
import { nameOf } from './render.ts';

/** Plurals of what is rendered; objects without a namespace begin with `/`. */
const plurals: Record<string, string> = {
  Namespace: '/namespaces',
  CustomResourceDefinition: '/customresourcedefinitions',
  ConfigMap: 'configmaps',
  Deployment: 'deployments',
  HorizontalPodAutoscaler: 'horizontalpodautoscalers',
  Ingress: 'ingresses',
  NetworkPolicy: 'networkpolicies',
  PersistentVolumeClaim: 'persistentvolumeclaims',
  Pod: 'pods',
  PodDisruptionBudget: 'poddisruptionbudgets',
  Role: 'roles',
  RoleBinding: 'rolebindings',
  Secret: 'secrets',
  Service: 'services',
  ServiceAccount: 'serviceaccounts',
  StatefulSet: 'statefulsets',
};

/** Kinds of other projects, whose definitions this API server does not have. */
const foreignKinds = ['HTTPRoute', 'PodMonitor', 'PrometheusRule', 'ScaledObject', 'ServiceMonitor'];

/** Objects that the API server refuses, each with its words; warnings are not asked for. */
export async function refusalsOf(
  api: TestKubernetesApi,
  namespace: string,
  manifests: readonly Manifest[],
): Promise<string[]> {
  const own = manifests.filter(({ kind }) => !foreignKinds.includes(kind));
  // A Deployment is taken whatever its pods are: they are shown to the admission that would judge them.
  const all = [...own, ...own.flatMap((manifest) => podOf(manifest) ?? [])];
  const refusals: string[] = [];
  for (const manifest of all) {
    const answer = await api.request({
      method: 'POST',
      path: `${pathOf(manifest, namespace)}?dryRun=All&fieldValidation=Strict`,
      body: { ...manifest, metadata: { ...manifest.metadata, ...inNamespace(manifest, namespace) } },
    });
    if (answer.status >= 300) {
      refusals.push(`${nameOf(manifest)}: ${(answer.body as { message: string }).message}`);
    }
  }
  return refusals;
}

function pathOf({ apiVersion, kind }: Manifest, namespace: string): string {
  const plural = plurals[kind];
  if (plural === undefined) throw new Error(`${kind} is not known here: is it Kubernetes' own?`);
  const base = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  return plural.startsWith('/') ? `${base}${plural}` : `${base}/namespaces/${namespace}/${plural}`;
}

function inNamespace({ kind }: Manifest, namespace: string): { namespace?: string } {
  return plurals[kind]?.startsWith('/') === true ? {} : { namespace };
}

/** A pod as a controller would make it. */
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
