import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** docs/reference/openapi.json, as control-api answers it at `/api/v1/openapi.json`. */
export async function openApiPage(root: string): Promise<string> {
  const file = join(root, 'services', 'control-api', 'src', 'http', 'openapi.ts');
  const module = (await import(pathToFileURL(file).href)) as { openApiText?: () => string };
  if (!module.openApiText) throw new Error(`${file} exports no openApiText`);
  return module.openApiText();
}
