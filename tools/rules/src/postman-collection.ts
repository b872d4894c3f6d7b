import {
  cameraExample,
  detectionExample,
  streamDetectionExample,
} from '@camplane/contracts/examples/camera-examples';
import {
  roleExample,
  sessionExample,
  tokenExample,
  userExample,
} from '@camplane/contracts/examples/access-examples';
import { operationExamples } from '@camplane/contracts/examples/operation-examples';
import { whepSessionExample } from '@camplane/contracts/examples/webrtc-examples';
import { problemsOf, tagOf } from '@camplane/contracts/operation';
import type { Operation } from '@camplane/contracts/operation';
import { operations } from '@camplane/contracts/operations';
import type { OperationId } from '@camplane/contracts/operations';

/** Variables of the collection with their first values. A path parameter `{id}` is the one that `idOf` names. */
const variables: Record<string, string> = {
  baseUrl: 'http://127.0.0.1:8080',
  token: '',
  cameraId: cameraExample.id,
  detectionId: detectionExample.id,
  filename: streamDetectionExample.imagePath?.split('/').at(-1) ?? '',
  userId: userExample.id,
  roleId: roleExample.name,
  sessionId: sessionExample.id,
  tokenId: tokenExample.id,
  session: whepSessionExample,
};

/** Variables that answers set, so that the next requests find what a request has created or listed. */
const captured: Partial<Record<OperationId, { variable: string; from: string }>> = {
  createUser: { variable: 'userId', from: 'id' },
  createToken: { variable: 'tokenId', from: 'token.id' },
  listSessions: { variable: 'sessionId', from: 'items[0]?.id' },
  listDetections: { variable: 'detectionId', from: 'items[0]?.id' },
  listStreamDetections: { variable: 'filename', from: "items[0]?.imagePath?.split('/').at(-1)" },
};

const description =
  'Every operation of the API over HTTP. Set the variable `token` to an API token, `baseUrl` to the address of ' +
  'Camplane and `cameraId` to a camera. Requests that create or list something set the variable of its id for the ' +
  'requests after them. Query parameters and `If-Match` are off: tick those that you need. WebSockets are not part of ' +
  'this format of collections.';

type Examples = { query?: Record<string, unknown>; body?: unknown; answer?: unknown };
type Folder = { name: string; item: ReturnType<typeof itemOf>[] };

/**
 * docs/reference/camplane.postman_collection.json: a Postman collection (format 2.1) with a folder for each tag of the
 * OpenAPI document. In a folder, deletions are last.
 */
export function postmanCollection(): string {
  const folders = new Map<string, Folder>();
  const table = Object.entries<Operation>(operations).filter(([, { upgrade }]) => upgrade === undefined);
  for (const [id, operation] of table.sort(([, a], [, b]) => deletionRank(a) - deletionRank(b))) {
    const name = tagOf(operation.path);
    const folder = folders.get(name) ?? { name, item: [] };
    folders.set(name, folder);
    folder.item.push(itemOf(id as OperationId, operation));
  }
  const collection = {
    info: {
      name: 'Camplane',
      description,
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    item: [...folders.values()],
    auth: { type: 'bearer', bearer: [{ key: 'token', value: '{{token}}', type: 'string' }] },
    variable: Object.entries(variables).map(([key, value]) => ({ key, value })),
  };
  return `${JSON.stringify(collection, null, 2)}\n`;
}

/** Deletions follow everything else, those of parts before those of the whole. */
function deletionRank({ method, path }: Operation): number {
  return method === 'delete' ? 1 / path.length : 0;
}

function itemOf(id: OperationId, operation: Operation) {
  const { method, permission, summary, ifMatch } = operation;
  const body = bodyOf(id, operation);
  const capture = captured[id];
  return {
    name: id,
    ...(capture ? { event: [{ listen: 'test', script: scriptOf(operation, capture) }] } : {}),
    request: {
      ...(permission === 'none' ? { auth: { type: 'noauth' } } : {}),
      method: method.toUpperCase(),
      header: [
        ...(body ? [{ key: 'Content-Type', value: body.type }] : []),
        ...(ifMatch ? [{ key: 'If-Match', value: '*', disabled: true }] : []),
      ],
      ...(body
        ? { body: { mode: 'raw', raw: body.raw, options: { raw: { language: body.language } } } }
        : {}),
      url: urlOf(id, operation),
      description: `${summary}.\n\nPermission: \`${permission}\`. Errors: ${errorsOf(operation)}.`,
    },
    response: [],
  };
}

function bodyOf(id: OperationId, { bodyTypes: [type = 'application/json'] = [] }: Operation) {
  const { body }: Examples = operationExamples[id];
  if (body === undefined) return undefined;
  return typeof body === 'string'
    ? { type, raw: body, language: 'text' }
    : { type, raw: withCameraId(JSON.stringify(body, null, 2)), language: 'json' };
}

/** The paths of the table with variables of the collection: `{id}` of a user is `{{userId}}`. */
function urlOf(id: OperationId, { path, idOf = 'camera' }: Operation) {
  const named = (name: string): string => `{{${name === 'id' ? `${idOf}Id` : name}}}`;
  const segments = path
    .slice(1)
    .replace(/\{(\w+)\}/g, (_, name: string) => named(name))
    .split('/');
  const { query }: Examples = operationExamples[id];
  const parameters = Object.entries(query ?? {}).flatMap(([key, example]) =>
    [example].flat().map((value) => ({ key, value: withCameraId(String(value)), disabled: true })),
  );
  return {
    raw: `{{baseUrl}}/${segments.join('/')}`,
    host: ['{{baseUrl}}'],
    path: segments,
    ...(parameters.length === 0 ? {} : { query: parameters }),
  };
}

/** An example is about the camera of `cameraId`. */
function withCameraId(text: string): string {
  return text.replaceAll(new RegExp(`\\b${cameraExample.id}\\b`, 'g'), '{{cameraId}}');
}

function scriptOf({ answer }: Operation, { variable, from }: { variable: string; from: string }) {
  const exec = [
    `const found = pm.response.code === ${answer.status} ? pm.response.json().${from} : undefined;`,
    `if (found) pm.collectionVariables.set('${variable}', found);`,
  ];
  return { type: 'text/javascript', exec };
}

function errorsOf(operation: Operation): string {
  return [...problemsOf(operation), 'internal'].map((kind) => `\`${kind}\``).join(', ');
}
