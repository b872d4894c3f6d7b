import { describe, expect, it } from '@jest/globals';
import { operations } from '@camplane/contracts/operations';
import { readFileSync } from 'node:fs';
import { version } from '../version.ts';
import { openApiText } from './openapi.ts';

describe('OpenAPI document', () => {
  it('is the committed one (make generate writes it)', () => {
    const committed = readFileSync(
      new URL('../../../../docs/reference/openapi.json', import.meta.url),
      'utf8',
    );
    expect(openApiText()).toBe(committed);
  });

  it('describes every operation, and no secret in an answer', () => {
    const document = JSON.parse(openApiText());
    for (const [id, { method, path }] of Object.entries(operations)) {
      expect(document.paths[path][method].operationId).toBe(id);
    }
    const { Camera, CreateCamera } = document.components.schemas;
    expect(CreateCamera.properties.source.properties.credentials).toBeDefined();
    expect(Camera.properties.source.properties.credentials).toBeUndefined();
    expect(Camera.properties.source.properties.hasCredentials).toEqual({ type: 'boolean' });
  });

  it('references existing schemas only', () => {
    const text = openApiText();
    const { schemas } = (JSON.parse(text) as { components: { schemas: object } }).components;
    const named = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map((match) => match[1] ?? '');
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !Object.hasOwn(schemas, name))).toEqual([]);
  });
});

describe('version', () => {
  it('is that of package.json', () => {
    const packageJson = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    expect(JSON.parse(packageJson).version).toBe(version);
  });
});
