import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestKubernetesApi } from '@camplane/testkit/kubernetes';
import { startKubernetesApi } from '@camplane/testkit/kubernetes';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import { writeSchemas } from './testing/api-schemas.ts';
import { podOf, refusalsOf } from './testing/dry-run.ts';
import {
  installForeignDefinitions,
  schemasOfDefinitions,
  untilEstablished,
} from './testing/foreign-definitions.ts';
import { manifestsOfGuide } from './testing/guide-manifests.ts';
import type { Manifest } from './testing/render.ts';
import { chart, manifestsOf, renderChart, renderKustomization, root, run } from './testing/render.ts';

const namespace = 'restricted';
let api: TestKubernetesApi;

beforeAll(async () => {
  api = await startKubernetesApi();
  const answer = await api.request({
    method: 'POST',
    path: '/api/v1/namespaces',
    body: {
      metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    },
  });
  expect(answer.status).toBe(201);
  await installForeignDefinitions(api);
}, 120_000);
afterAll(() => api?.stop());

/** CloudNativePG's example only: Strimzi publishes no CRDs in a Go module. */
const postgresExample = () =>
  manifestsOf(readFileSync(join(root, 'k8s/examples/cloudnative-pg.yaml'), 'utf8'));

const examples = readdirSync(join(chart, 'ci')).filter((name) => name.endsWith('.yaml'));

describe('an API server that enforces the restricted Pod Security Standard', () => {
  it.each([
    'k8s/overlays/dev',
    'k8s/overlays/prod',
    'tools/manifests/src/fixtures/guarded',
    'tools/manifests/src/fixtures/options',
  ])(
    'accepts every object and pod of %s',
    async (path) => {
      expect(await refusalsOf(api, namespace, renderKustomization(path))).toEqual([]);
    },
    60_000,
  );

  it.each(['values.yaml', ...examples.map((name) => `ci/${name}`)])(
    'accepts every object and pod of the chart with %s',
    async (values) => {
      expect(await refusalsOf(api, namespace, renderChart({ values }))).toEqual([]);
    },
    60_000,
  );

  it('accepts the PostgreSQL example', async () => {
    expect(await refusalsOf(api, namespace, postgresExample())).toEqual([]);
  }, 60_000);

  it('rejects an unknown field and an unknown kind of other projects', async () => {
    const [cluster] = postgresExample();
    const changed = [
      { ...cluster, spec: { ...(cluster?.['spec'] as object), replicas: 3 } },
      { ...cluster, kind: 'Clsuter' },
    ] as Manifest[];
    expect(await refusalsOf(api, namespace, changed)).toEqual([
      expect.stringMatching(/unknown field "spec.replicas"/),
      expect.stringMatching(/no such kind/),
    ]);
  }, 60_000);

  it('rejects a pod with a writable root, an unknown field, or user root', async () => {
    const deployment = renderChart().find(({ kind }) => kind === 'Deployment');
    const pod = podOf(deployment as NonNullable<typeof deployment>);
    const spec = pod?.['spec'] as object;
    const changed = [
      { ...pod, spec: { ...spec, securityContext: { runAsUser: 0 } } },
      { ...pod, spec: { ...spec, securtyContext: {} } },
    ];
    for (const manifest of changed) {
      expect(await refusalsOf(api, namespace, [manifest as NonNullable<typeof pod>])).toHaveLength(1);
    }
  });
});

/** Runs after the dry runs, which create the Camera CRD. */
describe('kubeconform with the schemas of that API server', () => {
  let folder: TemporaryFolder;
  let cameras: Manifest[] = [];

  beforeAll(async () => {
    folder = await createTemporaryFolder();
    run('kubectl', ['--kubeconfig', api.kubeConfigFile, 'apply', '-k', join(root, 'k8s/crds')]);
    await untilEstablished(api);
    cameras = manifestsOfGuide('docs/guide/kubernetes.md');
    await schemasOfDefinitions(api);
  }, 120_000);
  afterAll(() => folder?.remove());

  async function conforms(manifests: readonly Manifest[]): Promise<string> {
    const file = join(folder.path, 'manifests.json');
    await writeSchemas(api, folder.path, manifests);
    await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }));
    const location = join(folder.path, '{{.ResourceKind}}-{{.ResourceAPIVersion}}.json');
    // The API server publishes no schema for this kind. The tests above apply it.
    const without = 'CustomResourceDefinition';
    return run('kubeconform', ['-strict', '-summary', '-skip', without, '-schema-location', location, file]);
  }

  it('accepts every object of kustomizations, chart and guide', async () => {
    const manifests = [
      ...['k8s/overlays/dev', 'k8s/overlays/prod', 'k8s/overlays/skaffold'].flatMap(renderKustomization),
      ...examples.flatMap((name) => renderChart({ values: `ci/${name}` })),
      ...postgresExample(),
      ...cameras,
    ];
    expect(cameras.map(({ metadata }) => metadata.name)).toEqual(['pattern', 'front-door']);
    expect(await conforms(manifests)).toMatch(/Valid: \d{3}, Invalid: 0, Errors: 0/);
  }, 120_000);

  it('finds a misspelt field', async () => {
    const [camera] = cameras;
    const wrong = { ...camera, spec: { source: { url: 'test:testsrc2', transprot: 'tcp' } } } as Manifest;
    await expect(conforms([wrong])).rejects.toThrow(/transprot/);
  }, 60_000);

  it('accepts the cameras of the guide on the API server', async () => {
    for (const camera of cameras) {
      const answer = await api.request({
        method: 'POST',
        path: `/apis/camplane.dev/v1alpha1/namespaces/${namespace}/cameras?dryRun=All&fieldValidation=Strict`,
        body: camera,
      });
      expect([camera.metadata.name, answer.status]).toEqual([camera.metadata.name, 201]);
    }
  }, 60_000);
});
