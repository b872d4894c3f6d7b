import { cameraCrdYaml } from '@camplane/crd/camera-crd';
import { cameraPage } from './camera-page.ts';
import { conditionsPage } from './conditions-page.ts';
import { declaredEnvironments, environmentPage } from './environment-page.ts';
import { errorsPage } from './errors-page.ts';
import { openApiPage } from './openapi-page.ts';
import { resourceNotes } from './field-notes.ts';

/** The generated files of a repository: their paths and texts. */
export async function generatedPages(root: string): Promise<Map<string, string>> {
  return new Map([
    ['docs/reference/camera.md', cameraPage()],
    ['docs/reference/conditions.md', conditionsPage()],
    ['docs/reference/environment.md', environmentPage(await declaredEnvironments(root))],
    ['docs/reference/errors.md', errorsPage()],
    ['docs/reference/openapi.json', await openApiPage(root)],
    ['k8s/crds/cameras.camplane.dev.yaml', cameraCrdYaml(resourceNotes)],
  ]);
}
