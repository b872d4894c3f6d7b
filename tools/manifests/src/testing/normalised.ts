import type { Manifest } from './render.ts';
import { nameOf } from './render.ts';

/** What Helm alone says of an object: who made it. */
const helmLabels = ['app.kubernetes.io/managed-by', 'helm.sh/chart'];
/** What Helm is told of an object, and checksums that make pods follow a ConfigMap, which kustomize does not have. */
const helmAnnotations = /^helm\.sh\/|^checksum\//;

type Metadata = Manifest['metadata'];
type Env = { name: string };
type PodTemplate = { metadata: Metadata; spec: { containers: { env?: Env[] }[] } };

/**
 * Objects by kind and name, without what differs by the way they are installed: the namespace, which `helm install`
 * makes and names; Helm's own labels; a password; the order of variables.
 */
export function normalised(manifests: readonly Manifest[]): Record<string, unknown> {
  const compared = manifests
    .filter(({ kind }) => kind !== 'Namespace')
    .filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'] === undefined);
  const entries = compared.map((manifest) => [nameOf(manifest), plain(manifest)] as const);
  if (new Set(entries.map(([name]) => name)).size !== entries.length)
    throw new Error('an object is there twice');
  return Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b)));
}

function plain(manifest: Manifest): unknown {
  const copy = structuredClone(manifest);
  copy.metadata = plainMetadata(copy.metadata);
  const spec = copy['spec'] as { template?: PodTemplate } | undefined;
  if (spec?.template) {
    spec.template.metadata = plainMetadata(spec.template.metadata);
    for (const container of spec.template.spec.containers) {
      container.env?.sort((a, b) => a.name.localeCompare(b.name));
    }
  }
  if (copy.kind === 'RoleBinding') {
    for (const subject of copy['subjects'] as { namespace?: string }[]) delete subject.namespace;
  }
  // Helm makes a password; the dev overlay has a known one.
  if (copy.kind === 'Secret') copy['stringData'] = Object.keys(copy['stringData'] as object).sort();
  return copy;
}

function plainMetadata({ name, labels = {}, annotations = {} }: Metadata): Metadata {
  const left = Object.entries(annotations).filter(([key]) => !helmAnnotations.test(key));
  return {
    name,
    labels: Object.fromEntries(Object.entries(labels).filter(([key]) => !helmLabels.includes(key))),
    annotations: Object.fromEntries(left),
  };
}
