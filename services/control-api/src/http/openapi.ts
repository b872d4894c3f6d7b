import {
  cameraListSchema,
  cameraSchema,
  cameraStatusListSchema,
  combinedCameraSchema,
  createCameraSchema,
  probeRequestSchema,
  probeResultSchema,
  replaceCameraSchema,
} from '@camplane/contracts/camera-http';
import { cameraStatusSchema } from '@camplane/contracts/camera-status';
import { detectionListSchema, storedDetectionSchema } from '@camplane/contracts/detection';
import { clientEventSchema, serverEventSchema } from '@camplane/contracts/events';
import { errorKinds, problemSchema } from '@camplane/contracts/problem';
import type { ErrorKind } from '@camplane/contracts/problem';
import { z } from 'zod';
import { infoSchema, operations } from './operations.ts';
import type { Operation } from './operations.ts';

const bodies = {
  CreateCamera: createCameraSchema,
  ReplaceCamera: replaceCameraSchema,
  ProbeRequest: probeRequestSchema,
  ClientEvent: clientEventSchema,
};
const answers = {
  Camera: cameraSchema,
  CameraList: cameraListSchema,
  CameraStatus: cameraStatusSchema,
  CameraStatusList: cameraStatusListSchema,
  CombinedCamera: combinedCameraSchema,
  ProbeResult: probeResultSchema,
  Detection: storedDetectionSchema,
  DetectionList: detectionListSchema,
  Info: infoSchema,
  ServerEvent: serverEventSchema,
  Problem: problemSchema,
};

/**
 * The API's description (OpenAPI 3.1), made from the schemas that validate its bodies. Committed as
 * `docs/reference/openapi.json`.
 */
export function openApiDocument(): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [operationId, operation] of Object.entries<Operation>(operations)) {
    paths[operation.path] = {
      ...paths[operation.path],
      [operation.method]: describe(operationId, operation),
    };
  }
  paths['/api/v1/events'] = { get: eventsOperation };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Camplane',
      version: 'v1',
      description:
        'Cameras, their status and pictures, and what was detected. Errors are problem details (RFC 9457).',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: { schemas: { ...schemasOf(bodies, 'input'), ...schemasOf(answers, 'output') } },
  };
}

/** The document as it is committed. */
export function openApiText(): string {
  return `${JSON.stringify(openApiDocument(), null, 2)}\n`;
}

function describe(operationId: string, operation: Operation): Record<string, unknown> {
  const { answer, body } = operation;
  const content = answer.schema
    ? { 'application/json': { schema: reference(answer.schema) } }
    : answer.contentType && { [answer.contentType]: {} };
  const parameters = [
    ...(operation.path.includes('{id}') ? [idParameters[operation.idOf ?? 'camera']] : []),
    ...(operation.query ? queryParameters(operation.query) : []),
  ];
  return {
    operationId,
    summary: operation.summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body
      ? { requestBody: { required: true, content: { 'application/json': { schema: reference(body) } } } }
      : {}),
    responses: {
      [answer.status]: { description: answer.description, ...(content ? { content } : {}) },
      ...problemResponses(operation.problems),
    },
  };
}

const idParameters = {
  camera: {
    name: 'id',
    in: 'path',
    required: true,
    description: "The camera's id: a DNS label",
    schema: { type: 'string', maxLength: 63 },
  },
  detection: {
    name: 'id',
    in: 'path',
    required: true,
    description: "The detection's id",
    schema: { type: 'string', format: 'uuid' },
  },
};

/** A parameter for each field of a query's schema. None is required; lists are given by repeating their name. */
function queryParameters(query: z.ZodObject): Record<string, unknown>[] {
  const { properties = {} } = z.toJSONSchema(query, { io: 'input' });
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...schema } = typeof property === 'object' ? property : {};
    return { name, in: 'query', ...(description === undefined ? {} : { description }), schema };
  });
}

const eventsOperation = {
  operationId: 'followEvents',
  summary:
    'WebSocket: status and heartbeats of cameras, and what is detected. Messages: ServerEvent to the client, ClientEvent from it',
  parameters: [
    {
      name: 'cameraId',
      in: 'query',
      description: 'Only these cameras; may be repeated',
      schema: { type: 'array', items: { type: 'string' } },
    },
  ],
  responses: {
    '101': { description: 'Switching to the WebSocket protocol' },
    ...problemResponses(['cross-origin']),
  },
};

/** One response a status: several kinds may share it. */
function problemResponses(kinds: readonly ErrorKind[]): Record<string, unknown> {
  const byStatus = Map.groupBy([...kinds, 'internal' as const], (kind) => errorKinds[kind].status);
  return Object.fromEntries(
    [...byStatus].map(([status, same]) => [
      status,
      {
        description: same.map((kind) => `\`${kind}\`: ${errorKinds[kind].title}`).join('; '),
        content: { 'application/problem+json': { schema: reference(problemSchema) } },
      },
    ]),
  );
}

function reference(schema: z.ZodType): { $ref: string } {
  const named = [...Object.entries<z.ZodType>(bodies), ...Object.entries<z.ZodType>(answers)];
  const name = named.find(([, candidate]) => candidate === schema)?.[0];
  if (name === undefined) throw new Error('a schema of the API has no name in openapi.ts');
  return { $ref: `#/components/schemas/${name}` };
}

function schemasOf(named: Record<string, z.ZodType>, io: 'input' | 'output'): Record<string, unknown> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io,
    uri: (id) => `#/components/schemas/${id}`,
    // Answers may gain fields: clients must not refuse those they do not know.
    override: ({ jsonSchema }) => {
      if (io === 'output') delete jsonSchema.additionalProperties;
    },
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $id: _id, $schema: _schema, ...schema }]) => [id, schema]),
  );
}
