import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestKubernetesApi } from '@camplane/testkit/kubernetes';
import type { Manifest } from './render.ts';

type Schema = Record<string, unknown> & {
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[];
};

const inComponents = '#/components/schemas/';

/**
 * Writes the schemas that an API server publishes for the kinds of these manifests, in kubeconform's layout: one file per
 * kind, `deployment-v1.json`. Kinds without a schema are skipped.
 */
export async function writeSchemas(
  api: TestKubernetesApi,
  folder: string,
  manifests: readonly Manifest[],
): Promise<void> {
  const apiVersions = [...new Set(manifests.map(({ apiVersion }) => apiVersion))];
  for (const apiVersion of apiVersions) {
    const path = apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`;
    const { status, body } = await api.request({ path: `/openapi/v3/${path}` });
    if (status !== 200) continue;
    const { schemas } = (body as { components: { schemas: Record<string, Schema> } }).components;
    const kinds = manifests.filter((manifest) => manifest.apiVersion === apiVersion).map(({ kind }) => kind);
    for (const kind of new Set(kinds)) {
      const [name] = Object.entries(schemas).find(([, schema]) => isOf(schema, apiVersion, kind)) ?? [];
      if (name === undefined) continue;
      const file = `${kind}-${apiVersion.split('/').at(-1)}.json`.toLowerCase();
      await writeFile(join(folder, file), JSON.stringify(withDefinitions(name, schemas)));
    }
  }
}

function isOf(schema: Schema, apiVersion: string, kind: string): boolean {
  const known = schema['x-kubernetes-group-version-kind'] ?? [];
  const named = (group: string, version: string) => (group === '' ? version : `${group}/${version}`);
  return (
    known.length === 1 && known.some((of) => of.kind === kind && named(of.group, of.version) === apiVersion)
  );
}

function withDefinitions(name: string, schemas: Record<string, Schema>): object {
  const definitions: Record<string, unknown> = {};
  const add = (schema: string) => {
    if (schema in definitions) return;
    definitions[schema] = strict(schemas[schema]);
    const text = JSON.stringify(schemas[schema]);
    for (const [, next = ''] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) add(next);
  };
  add(name);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $ref: `#/definitions/${name}`,
    definitions,
  };
}

/** Rejects unknown fields and rewrites references to the file itself. */
function strict(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strict);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) =>
    key === '$ref' ? [key, String(inner).replace(inComponents, '#/definitions/')] : [key, strict(inner)],
  );
  const schema = Object.fromEntries(entries) as Record<string, unknown>;
  const names = schema['type'] === 'object' && typeof schema['properties'] === 'object';
  const isOpen = 'additionalProperties' in schema || schema['x-kubernetes-preserve-unknown-fields'] === true;
  return names && !isOpen ? { ...schema, additionalProperties: false } : schema;
}
