import { operationExamples } from '@camplane/contracts/examples/operation-examples';
import { problemsOf, tagOf } from '@camplane/contracts/operation';
import type { Operation } from '@camplane/contracts/operation';
import { operations } from '@camplane/contracts/operations';
import type { OperationId } from '@camplane/contracts/operations';
import type { z } from 'zod';
import { etagHeader, parametersOf } from './openapi-parameters.ts';
import { problemExamples, problemResponses } from './openapi-problems.ts';
import { namedSchemas, schemaOf } from './openapi-schemas.ts';

/**
 * The OpenAPI 3.1 document, generated from the operations table. Committed as `docs/reference/openapi.json`.
 */
export function openApiDocument(): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [operationId, operation] of Object.entries<Operation>(operations)) {
    paths[operation.path] = {
      ...paths[operation.path],
      [operation.method]: describe(operationId, operation),
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Camplane',
      version: 'v1',
      description:
        'Cameras, their status, snapshots and detections. Errors are problem details (RFC 9457). ' +
        '`x-permission` is the permission that an operation needs.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'API token' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'camplane-session',
          description: 'Session of `createSession`. With TLS its name begins with `__Host-`',
        },
      },
      schemas: namedSchemas(),
      examples: problemExamples(),
    },
  };
}

/** The text of the committed file. */
export function openApiText(): string {
  return `${JSON.stringify(openApiDocument(), null, 2)}\n`;
}

function describe(operationId: string, operation: Operation): Record<string, unknown> {
  const { answer, body, path } = operation;
  const examples: Examples = operationExamples[operationId as OperationId];
  const parameters = parametersOf(operation, examples.query);
  return {
    operationId,
    tags: [tagOf(path)],
    summary: operation.summary,
    'x-permission': operation.permission,
    ...(operation.permission === 'none' ? {} : { security: [{ token: [] }, { session: [] }] }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body ? { requestBody: { required: true, content: bodyContent(operation, body, examples) } } : {}),
    responses: {
      [answer.status]: {
        description: answer.description,
        ...(operation.etag ? { headers: etagHeader } : {}),
        ...answerContent(answer, examples),
        ...linksOf(operationId, operation),
      },
      ...problemResponses(problemsOf(operation)),
      // Node.js refuses it before a handler runs, so it has no problem details.
      ...(operation.query ? { '431': { description: 'The path and headers exceed 16 KiB' } } : {}),
    },
  };
}

type Examples = { query?: Record<string, unknown>; body?: unknown; answer?: unknown };

function bodyContent({ bodyTypes = ['application/json'] }: Operation, body: z.ZodType, examples: Examples) {
  const content = { schema: schemaOf(body, 'input'), example: examples.body };
  return Object.fromEntries(bodyTypes.map((type) => [type, content]));
}

function answerContent({ schema, contentType }: Operation['answer'], { answer: example }: Examples): object {
  if (schema) return { content: { 'application/json': { schema: schemaOf(schema, 'output'), example } } };
  return contentType === undefined
    ? {}
    : { content: { [contentType]: example === undefined ? {} : { example } } };
}

/** From an answer that has an id to the operations on what it identifies. */
const linkedIds: Partial<Record<OperationId, string>> = {
  createCamera: '/id',
  createStream: '/id',
  createUser: '/id',
  createToken: '/token/id',
  listDetections: '/items/0/id',
};

function linksOf(operationId: string, { path }: Operation): Record<string, unknown> {
  const pointer = linkedIds[operationId as OperationId];
  if (pointer === undefined) return {};
  const linked = Object.entries<Operation>(operations).filter(
    ([, { path: other }]) => other.startsWith(`${path}/{id}`) && !/\{(session|filename)\}/.test(other),
  );
  const parameters = { id: `$response.body#${pointer}` };
  return { links: Object.fromEntries(linked.map(([id]) => [id, { operationId: id, parameters }])) };
}
