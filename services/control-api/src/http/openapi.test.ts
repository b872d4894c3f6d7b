import { describe, expect, it } from '@jest/globals';
import { problemsOf } from '@camplane/contracts/operation';
import type { Operation } from '@camplane/contracts/operation';
import { operations } from '@camplane/contracts/operations';
import { errorKinds, problemSchema } from '@camplane/contracts/problem';
import { readFileSync } from 'node:fs';
import { version } from '../version.ts';
import { openApiText } from './openapi.ts';

type Content = Record<string, { example?: unknown; examples?: Record<string, unknown> }>;
type ProblemExamples = Record<string, { value: unknown }>;
type Described = {
  parameters?: { name: string; in: string; example?: unknown }[];
  requestBody?: { content: Content };
  responses: Record<string, { content?: Content }>;
};

function openApiPaths(): Record<string, Record<string, Described>> {
  return (JSON.parse(openApiText()) as { paths: Record<string, Record<string, Described>> }).paths;
}

/** As a query has it. */
function textOf(example: unknown): unknown {
  return typeof example === 'number' ? String(example) : example;
}

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

  it.each(Object.entries<Operation>(operations))('has valid examples of %s', (id, operation) => {
    const { [operation.method]: described } = openApiPaths()[operation.path] ?? {};
    const { body, query, answer } = operation;
    for (const type of body ? (operation.bodyTypes ?? ['application/json']) : []) {
      expect(body?.safeParse(described?.requestBody?.content[type]?.example).error).toBeUndefined();
    }
    const parameters = described?.parameters ?? [];
    const given = parameters.filter((parameter) => parameter.example !== undefined);
    const inQuery = given.filter((parameter) => parameter.in === 'query');
    if (query) {
      expect(inQuery).not.toEqual([]);
      const texts = Object.fromEntries(inQuery.map(({ name, example }) => [name, textOf(example)]));
      expect(query.safeParse(texts).error).toBeUndefined();
    }
    expect(parameters.filter((one) => one.in === 'path' && !given.includes(one))).toEqual([]);
    const { content } = described?.responses[answer.status] ?? {};
    if (answer.schema) {
      const example = content?.['application/json']?.example;
      expect(answer.schema.parse(example)).toEqual(example);
    }
    expect([id, typeof content?.['application/sdp']?.example]).toEqual([
      id,
      answer.contentType === 'application/sdp' ? 'string' : 'undefined',
    ]);
  });

  it('has an example of each error of each operation', () => {
    const { components } = JSON.parse(openApiText()) as { components: { examples: ProblemExamples } };
    for (const [kind, { value }] of Object.entries(components.examples)) {
      expect(problemSchema.parse(value)).toEqual(value);
      expect(value).toMatchObject({ code: kind, type: `https://camplane.dev/problems/${kind}` });
    }
    for (const operation of Object.values<Operation>(operations)) {
      const responses = openApiPaths()[operation.path]?.[operation.method]?.responses ?? {};
      for (const kind of [...problemsOf(operation), 'internal' as const]) {
        const { examples } = responses[errorKinds[kind].status]?.content?.['application/problem+json'] ?? {};
        expect(examples?.[kind]).toEqual({ $ref: `#/components/examples/${kind}` });
        expect(components.examples[kind]?.value).toMatchObject({ status: errorKinds[kind].status });
      }
    }
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
