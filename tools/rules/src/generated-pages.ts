import { cameraCrdYaml } from '@camplane/crd/camera-crd';
import { chartFiles } from '@camplane/manifests/chart-files';
import { chartReadme } from '@camplane/manifests/chart-readme';
import { edgeConfigMapYaml } from '@camplane/manifests/edge-config-map';
import { grafanaDashboards } from '@camplane/manifests/grafana-dashboards';
import { apiLimitsPage } from './api-limits-page.ts';
import { cameraAddressesPage } from './camera-addresses-page.ts';
import { cameraPage } from './camera-page.ts';
import { camerasPage } from './cameras-page.ts';
import { conditionsPage } from './conditions-page.ts';
import { declaredEnvironments, environmentPage } from './environment-page.ts';
import { errorsPage } from './errors-page.ts';
import { openApiPage } from './openapi-page.ts';
import { operationsPage } from './operations-page.ts';
import { permissionsPage } from './permissions-page.ts';
import { postmanCollection } from './postman-collection.ts';
import { resourceNotes } from './field-notes.ts';

/** Texts of the generated files by path. */
export async function generatedPages(root: string): Promise<Map<string, string>> {
  const crd = cameraCrdYaml(resourceNotes);
  return new Map([
    ['docs/reference/api-limits.md', await apiLimitsPage(root)],
    ['docs/reference/camera.md', cameraPage()],
    ['docs/reference/camera-addresses.md', cameraAddressesPage()],
    ['docs/reference/cameras.md', camerasPage()],
    ['docs/reference/conditions.md', conditionsPage()],
    ['docs/reference/environment.md', environmentPage(await declaredEnvironments(root))],
    ['docs/reference/errors.md', errorsPage()],
    ['docs/reference/operations.md', operationsPage()],
    ['docs/reference/permissions.md', permissionsPage()],
    ['docs/reference/openapi.json', await openApiPage(root)],
    ['docs/reference/camplane.postman_collection.json', postmanCollection()],
    ['k8s/crds/cameras.camplane.dev.yaml', crd],
    ['k8s/apps/mediamtx/base/configmap.yaml', edgeConfigMapYaml()],
    ...[...grafanaDashboards()].map(([name, text]): [string, string] => [
      `k8s/components/monitoring/objects/dashboards/${name}`,
      text,
    ]),
    ...chartFiles(root, crd),
    ['charts/camplane/README.md', chartReadme(root)],
  ]);
}
