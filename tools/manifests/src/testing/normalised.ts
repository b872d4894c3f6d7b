import type { Manifest } from './render.ts';
import { nameOf } from './render.ts';

/** Labels that only Helm sets. */
const helmLabels = ['app.kubernetes.io/managed-by', 'helm.sh/chart'];
/** Annotations that only the chart sets: for Helm, and checksums that roll out pods after a ConfigMap change. */
const helmAnnotations = /^helm\.sh\/|^checksum\//;

type Metadata = Manifest['metadata'];
type Env = { name: string };
type PodTemplate = { metadata: Metadata; spec: { containers: { env?: Env[] }[] } };

/**
 * Objects by kind and name without expected differences: the namespace, which `helm install` creates; Helm's labels; the
 * generated passwords; the order of variables.
 */
export function normalised(manifests: readonly Manifest[]): Record<string, unknown> {
  const compared = manifests
    .filter(({ kind }) => kind !== 'Namespace')
    .filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'] === undefined);
  const entries = compared.map((manifest) => [nameOf(manifest), plain(manifest)] as const);
  if (new Set(entries.map(([name]) => name)).size !== entries.length) throw new Error('duplicate object');
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
  // The chart generates passwords; the dev overlay has fixed ones.
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
