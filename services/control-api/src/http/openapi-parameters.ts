import { roleNameSchema } from '@camplane/contracts/access';
import { cameraIdSchema } from '@camplane/contracts/camera-id';
import { whepSessionExample } from '@camplane/contracts/examples/webrtc-examples';
import type { Operation } from '@camplane/contracts/operation';
import { z } from 'zod';
import { schemaOf } from './openapi-schemas.ts';

/** The parameters of an operation: those of its path, its query and `If-Match`. */
export function parametersOf(
  { path, query, idOf = 'camera', ifMatch }: Operation,
  examples: Record<string, unknown> = {},
): object[] {
  return [
    ...(path.includes('{id}') ? [idParameters[idOf]] : []),
    ...(path.includes('{filename}') ? [filenameParameter] : []),
    ...(path.includes('{session}') ? [sessionParameter] : []),
    ...(query ? queryParameters(query, examples) : []),
    ...(ifMatch ? [ifMatchParameter] : []),
  ];
}

const etagExample = '"wq4Ck1q0mJ2o5yB8rXvT3A"';
export const etagHeader = {
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
  schema: { type: 'string', maxLength: 2048 },
  example: whepSessionExample,
};

const filenameParameter = {
  name: 'filename',
  in: 'path',
  required: true,
  description: 'The last part of `imagePath`',
  schema: { type: 'string', maxLength: 64 },
  example: '2026-11-21-133651.123-1042.jpg',
};

const uuidExample = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
const idParameters = {
  camera: idParameter('Camera id: a DNS label', cameraIdSchema, 'front-door'),
  detection: idParameter('Detection id', z.uuid(), uuidExample),
  user: idParameter('User id', z.uuid(), uuidExample),
  role: idParameter('Name of the role: a DNS label', roleNameSchema, 'guard'),
  session: idParameter('Session id', z.uuid(), uuidExample),
  token: idParameter('API token id', z.uuid(), uuidExample),
};

function idParameter(description: string, schema: z.ZodType, example: string) {
  return { name: 'id', in: 'path', required: true, description, schema: schemaOf(schema, 'input'), example };
}

/** One optional parameter for each field of the query schema. Lists are repeated parameters. */
function queryParameters(query: z.ZodObject, examples: Record<string, unknown>): object[] {
  const { properties = {} } = z.toJSONSchema(query, { io: 'input' });
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...schema } = typeof property === 'object' ? property : {};
    return {
      name,
      in: 'query',
      ...(description === undefined ? {} : { description }),
      schema,
      ...(Object.hasOwn(examples, name) ? { example: examples[name] } : {}),
    };
  });
}
