import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { edgeConfigurationYaml } from './edge-config-map.ts';
import { grafanaDashboards } from './grafana-dashboards.ts';

/** A packaged chart cannot reference `k8s/`, so it contains copies: path in the chart, path in the repository. */
const copies: readonly (readonly [string, string])[] = [
  ['files/roles/camera-operator.yaml', 'k8s/apps/camera-operator/base/role.yaml'],
  ['files/roles/control-api.yaml', 'k8s/apps/control-api/base/role.yaml'],
  ['files/alerts.yaml', 'k8s/components/monitoring/objects/prometheusrule.yaml'],
];

/** Generated files of `charts/camplane` by their path in the repository. */
export function chartFiles(root: string, crd: string): Map<string, string> {
  const copied = copies.map(([to, from]) => [to, readFileSync(join(root, from), 'utf8')] as const);
  const dashboards = [...grafanaDashboards()].map(
    ([name, text]) => [`files/dashboards/${name}`, text] as const,
  );
  const generated = [
    ['files/cameras.camplane.dev.yaml', crd],
    ['files/mediamtx.yml', edgeConfigurationYaml()],
    ...copied,
    ...dashboards,
  ] as const;
  return new Map(generated.map(([path, text]) => [`charts/camplane/${path}`, text]));
}
