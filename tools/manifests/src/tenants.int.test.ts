import { describe, expect, it } from '@jest/globals';
import type { Manifest } from './testing/render.ts';
import { nameOf, renderChart, renderKustomization } from './testing/render.ts';

/** Kinds without a namespace that installations may bring. */
const clusterWide = (manifests: readonly Manifest[]) =>
  manifests.filter(({ metadata }) => metadata.namespace === undefined).map(nameOf);

describe('a further installation in the same cluster', () => {
  const overlay = renderKustomization('tools/manifests/src/fixtures/tenant');

  it('of kustomize contains nothing outside its namespace', () => {
    expect(overlay.length).toBeGreaterThan(30);
    expect(clusterWide(overlay)).toEqual(['Namespace south']);
    const namespaces = new Set(overlay.flatMap(({ metadata }) => metadata.namespace ?? []));
    expect([...namespaces]).toEqual(['south']);
  });

  it('of kustomize binds its own ServiceAccounts', () => {
    const bindings = overlay.filter(({ kind }) => kind === 'RoleBinding');
    const subjects = bindings.flatMap(({ subjects }) => subjects as { namespace: string }[]);
    expect(subjects.map(({ namespace }) => namespace)).toEqual(['south', 'south']);
  });

  it('of the chart contains no kind that is shared by the cluster', () => {
    const shared =
      /^(Cluster|CustomResourceDefinition|.*WebhookConfiguration|PriorityClass|StorageClass|Namespace)/;
    const kinds = renderChart({ values: 'ci/options-values.yaml', set: ['crds.install=false'] }).map(
      ({ kind }) => kind,
    );
    expect(kinds.filter((kind) => shared.test(kind))).toEqual([]);
    expect(
      renderChart()
        .filter(({ kind }) => shared.test(kind))
        .map(nameOf),
    ).toEqual(['CustomResourceDefinition cameras.camplane.dev']);
  });
});
