import { describe, expect, it } from '@jest/globals';
import { normalised } from './testing/normalised.ts';
import { renderChart, renderKustomization } from './testing/render.ts';

describe('the chart and the overlays', () => {
  it.each([
    ['k8s/overlays/dev', 'values.yaml'],
    ['k8s/overlays/prod', 'ci/prod-values.yaml'],
    ['tools/manifests/src/fixtures/guarded', 'ci/guarded-values.yaml'],
    ['tools/manifests/src/fixtures/secured', 'ci/secured-values.yaml'],
    ['tools/manifests/src/fixtures/oidc', 'ci/oidc-values.yaml'],
    ['tools/manifests/src/fixtures/secure-servers', 'ci/secure-servers-values.yaml'],
    ['tools/manifests/src/fixtures/without-volumes', 'ci/ephemeral-values.yaml'],
  ])(
    'render the same objects: %s and %s',
    (overlay, values) => {
      expect(normalised(renderChart({ values }))).toEqual(normalised(renderKustomization(overlay)));
    },
    60_000,
  );

  it('are reported as different if a value differs', () => {
    const overlay = normalised(renderKustomization('k8s/overlays/dev'));
    const others = [
      ['mediamtx.replicas=2'],
      ['controlApi.podLabels.team=x'],
      ['postgres.enabled=false'],
      ['controlApi.admin.existingSecret=other'],
      ['viewers.hlsUrl=http://a.example'],
    ];
    for (const set of others) expect(normalised(renderChart({ set }))).not.toEqual(overlay);
  }, 60_000);
});
