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
import { roleNameSchema } from '@camplane/contracts/access';
import { cameraIdSchema } from '@camplane/contracts/camera-id';
import { patchCameraSchema } from '@camplane/contracts/camera-patch';
import { credentialsSchema, sourceUrlSchema } from '@camplane/contracts/camera';
import { cameraStatusSchema } from '@camplane/contracts/camera-status';
import {
  detectionListSchema,
  storedDetectionSchema,
  streamDetectionListSchema,
  streamDetectionSchema,
} from '@camplane/contracts/detection';
import { clientEventSchema, serverEventSchema } from '@camplane/contracts/events';
import {
  jpegClientMessageSchema,
  jpegInfoSchema,
  jpegServerMessageSchema,
} from '@camplane/contracts/jpeg-stream';
import { liveClientMessageSchema, liveServerMessageSchema } from '@camplane/contracts/live-cameras';
import { problemsOf } from '@camplane/contracts/operation';
import type { Operation } from '@camplane/contracts/operation';
import { infoSchema, operations } from '@camplane/contracts/operations';
import type { OperationId } from '@camplane/contracts/operations';
import { errorKinds, problemSchema } from '@camplane/contracts/problem';
import type { ErrorKind } from '@camplane/contracts/problem';
import {
  createStreamSchema,
  streamHealthSchema,
  streamListSchema,
  streamSchema,
  updateStreamSchema,
} from '@camplane/contracts/stream';
import { z } from 'zod';

/** Names of the schemas under `components`; any other schema of the table is written in place. */
const shared = { SourceUrl: sourceUrlSchema };
const bodies = {
  Credentials: credentialsSchema,
  CreateCamera: createCameraSchema,
  ReplaceCamera: replaceCameraSchema,
  PatchCamera: patchCameraSchema,
  ProbeRequest: probeRequestSchema,
  CreateStream: createStreamSchema,
  UpdateStream: updateStreamSchema,
  ClientEvent: clientEventSchema,
  JpegClientMessage: jpegClientMessageSchema,
  LiveClientMessage: liveClientMessageSchema,
};
const answers = {
  Camera: cameraSchema,
  CameraList: cameraListSchema,
  CameraStatus: cameraStatusSchema,
  CameraStatusList: cameraStatusListSchema,
  CombinedCamera: combinedCameraSchema,
  ProbeResult: probeResultSchema,
  Stream: streamSchema,
  StreamList: streamListSchema,
  StreamHealth: streamHealthSchema,
  Detection: storedDetectionSchema,
  DetectionList: detectionListSchema,
  StreamDetection: streamDetectionSchema,
  StreamDetectionList: streamDetectionListSchema,
  Info: infoSchema,
  ServerEvent: serverEventSchema,
  JpegInfo: jpegInfoSchema,
  JpegServerMessage: jpegServerMessageSchema,
  LiveServerMessage: liveServerMessageSchema,
  Problem: problemSchema,
};

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
      schemas: {
        ...schemasOf({ ...shared, ...bodies }, 'input'),
        ...schemasOf({ ...shared, ...answers }, 'output'),
      },
    },
  };
}

/** The text of the committed file. */
export function openApiText(): string {
  return `${JSON.stringify(openApiDocument(), null, 2)}\n`;
}

function describe(operationId: string, operation: Operation): Record<string, unknown> {
  const { answer, body } = operation;
  const content = answer.schema
    ? { 'application/json': { schema: schemaOf(answer.schema, 'output') } }
    : answer.contentType && { [answer.contentType]: {} };
  const parameters = [
    ...(operation.path.includes('{id}') ? [idParameters[operation.idOf ?? 'camera']] : []),
    ...(operation.path.includes('{filename}') ? [filenameParameter] : []),
    ...(operation.path.includes('{session}') ? [sessionParameter] : []),
    ...(operation.query ? queryParameters(operation.query) : []),
    ...(operation.ifMatch ? [ifMatchParameter] : []),
  ];
  return {
    operationId,
    summary: operation.summary,
    'x-permission': operation.permission,
    ...(operation.permission === 'none' ? {} : { security: [{ token: [] }, { session: [] }] }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body
      ? {
          requestBody: {
            required: true,
            content: Object.fromEntries(
              (operation.bodyTypes ?? ['application/json']).map((type) => [
                type,
                { schema: schemaOf(body, 'input') },
              ]),
            ),
          },
        }
      : {}),
    responses: {
      [answer.status]: {
        description: answer.description,
        ...(operation.etag ? { headers: etagHeader } : {}),
        ...(content ? { content } : {}),
        ...linksOf(operationId, operation),
      },
      ...problemResponses(problemsOf(operation)),
      // Node.js refuses it before a handler runs, so it has no problem details.
      ...(operation.query ? { '431': { description: 'The path and headers exceed 16 KiB' } } : {}),
    },
  };
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

const etagExample = '"wq4Ck1q0mJ2o5yB8rXvT3A"';
const etagHeader = {
  ETag: {
    description: 'Strong entity tag, for `If-Match`',
    schema: { type: 'string' },
    example: etagExample,
  },
};
const ifMatchParameter = {
  name: 'If-Match',
  in: 'header',
  description: 'The `ETag` of the version that was changed. Without it the last writer wins',
  schema: { type: 'string', maxLength: 1024 },
  example: etagExample,
};

const sessionParameter = {
  name: 'session',
  in: 'path',
  required: true,
  description: 'The last part of `Location`',
  schema: { type: 'string', maxLength: 64 },
  example: '0b3f5e1c-3f0a-4b62-9d7d-1b7a2b9c6c11',
};

const filenameParameter = {
  name: 'filename',
  in: 'path',
  required: true,
  description: 'The last part of `imagePath`',
  schema: { type: 'string', maxLength: 64 },
  example: '2026-11-21-133651.123-1042.jpg',
};

const idParameters = {
  camera: idParameter('Camera id: a DNS label', cameraIdSchema),
  detection: idParameter('Detection id', z.uuid()),
  user: idParameter('User id', z.uuid()),
  role: idParameter('Name of the role: a DNS label', roleNameSchema),
  session: idParameter('Session id', z.uuid()),
  token: idParameter('API token id', z.uuid()),
};

function idParameter(description: string, schema: z.ZodType) {
  return { name: 'id', in: 'path', required: true, description, schema: schemaOf(schema, 'input') };
}

/** One optional parameter for each field of the query schema. Lists are repeated parameters. */
function queryParameters(query: z.ZodObject): Record<string, unknown>[] {
  const { properties = {} } = z.toJSONSchema(query, { io: 'input' });
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...schema } = typeof property === 'object' ? property : {};
    return { name, in: 'query', ...(description === undefined ? {} : { description }), schema };
  });
}

/** One response for each status, which several error kinds may share. */
function problemResponses(kinds: readonly ErrorKind[]): Record<string, unknown> {
  const byStatus = Map.groupBy([...kinds, 'internal' as const], (kind) => errorKinds[kind].status);
  return Object.fromEntries(
    [...byStatus].map(([status, same]) => [
      status,
      {
        description: same.map((kind) => `\`${kind}\`: ${errorKinds[kind].title}`).join('; '),
        content: { 'application/problem+json': { schema: schemaOf(problemSchema, 'output') } },
      },
    ]),
  );
}

/** A reference to a named schema, or the schema itself. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output'): object {
  const named = [...Object.entries<z.ZodType>(bodies), ...Object.entries<z.ZodType>(answers)];
  const name = named.find(([, candidate]) => candidate === schema)?.[0];
  if (name !== undefined) return { $ref: `#/components/schemas/${name}` };
  const { $schema: _schema, ...inline } = z.toJSONSchema(schema, { io, override: openAnswers(io) });
  return inline;
}

/** Answers may gain fields, so clients must not refuse unknown ones. */
function openAnswers(io: 'input' | 'output') {
  return ({ jsonSchema }: { jsonSchema: { additionalProperties?: unknown } }): void => {
    if (io === 'output') delete jsonSchema.additionalProperties;
  };
}

function schemasOf(named: Record<string, z.ZodType>, io: 'input' | 'output'): Record<string, unknown> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io,
    uri: (id) => `#/components/schemas/${id}`,
    override: openAnswers(io),
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $id: _id, $schema: _schema, ...schema }]) => [id, schema]),
  );
}
