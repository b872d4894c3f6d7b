import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestKubernetesApi } from '@camplane/testkit/kubernetes';
import { startKubernetesApi } from '@camplane/testkit/kubernetes';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { podOf, refusalsOf } from './testing/dry-run.ts';
import { chart, renderChart, renderKustomization } from './testing/render.ts';

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
}, 120_000);
afterAll(() => api?.stop());

const examples = readdirSync(join(chart, 'ci')).filter((name) => name.endsWith('.yaml'));

describe('an API server that enforces the restricted Pod Security Standard', () => {
  it.each(['k8s/overlays/dev', 'k8s/overlays/prod', 'tools/manifests/src/fixtures/guarded'])(
    'takes every object and pod of %s',
    async (path) => {
      expect(await refusalsOf(api, namespace, renderKustomization(path))).toEqual([]);
    },
    60_000,
  );

  it.each(['values.yaml', ...examples.map((name) => `ci/${name}`)])(
    'takes every object and pod of the chart with %s',
    async (values) => {
      expect(await refusalsOf(api, namespace, renderChart({ values }))).toEqual([]);
    },
    60_000,
  );

  it('refuses a pod that may write to its root, has an unknown field, or runs as root', async () => {
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
