import { createTicketSchema, ticketSchema } from './access.ts';
import { accessOperations } from './access-operations.ts';
import { patchCameraSchema } from './camera-patch.ts';
import { apiRoot, guarded, patched, written } from './operation-parts.ts';
import {
  cameraListSchema,
  cameraSchema,
  cameraStatusListSchema,
  combinedCameraSchema,
  createCameraSchema,
  probeRequestSchema,
  probeResultSchema,
  replaceCameraSchema,
} from './camera-http.ts';
import {
  detectionListSchema,
  detectionQuerySchema,
  storedDetectionSchema,
  streamDetectionListSchema,
  streamDetectionQuerySchema,
} from './detection.ts';
import { jpegOperations } from './jpeg-operations.ts';
import { cameraStatusSchema } from './camera-status.ts';
import { eventsQuerySchema } from './events.ts';
import type { Operation } from './operation.ts';
import { streamOperations } from './stream-operations.ts';
import { webrtcOperations } from './webrtc-operations.ts';
import { z } from 'zod';

/** Answer of `readInfo`: version and limits. */
export const infoSchema = z.object({
  name: z.string(),
  /** Null without signing in. */
  version: z.string().nullable(),
  /** How to sign in besides a password: the name of the issuer for people, or null. */
  signIn: z.object({ oidc: z.object({ name: z.string() }).nullable() }),
  limits: z.object({
    maxCameras: z.int(),
    bodyMaxBytes: z.int(),
    snapshotMaxBytes: z.int(),
    writesPerMinute: z.int(),
    probesPerMinute: z.int(),
    eventClientsMax: z.int(),
    eventMessageMaxBytes: z.int(),
  }),
});
export type Info = z.infer<typeof infoSchema>;

const cameras = `${apiRoot}/cameras` as const;
const camera = `${cameras}/{id}` as const;
const detections = `${apiRoot}/detections` as const;

export const operations = {
  listCameras: {
    method: 'get',
    path: cameras,
    permission: 'camera.view',
    summary: 'List cameras, ordered by id',
    answer: { status: 200, description: 'The cameras', schema: cameraListSchema },
    problems: ['store-unavailable'],
    limit: 'none',
  },
  createCamera: {
    method: 'post',
    path: cameras,
    permission: 'camera.configure',
    summary: 'Add a camera. It starts unless `enabled` is false',
    body: createCameraSchema,
    answer: { status: 201, description: 'The camera. `Location` is its path', schema: cameraSchema },
    etag: true,
    problems: [...written, ...guarded, 'camera-exists', 'camera-limit'],
    limit: 'write',
  },
  listStatus: {
    method: 'get',
    path: `${cameras}/status/all`,
    permission: 'camera.view',
    summary: 'List the status of every camera',
    answer: {
      status: 200,
      description: 'The statuses, ordered by camera id',
      schema: cameraStatusListSchema,
    },
    problems: ['store-unavailable'],
    limit: 'none',
  },
  readCamera: {
    method: 'get',
    path: camera,
    permission: 'camera.view',
    summary: 'Get a camera. Credentials are never returned',
    answer: { status: 200, description: 'The camera', schema: cameraSchema },
    etag: true,
    problems: ['camera-not-found', 'store-unavailable'],
    limit: 'none',
  },
  replaceCamera: {
    method: 'put',
    path: camera,
    permission: 'camera.configure',
    summary:
      'Replace a camera. Omitted fields take their defaults. Omit `source.credentials` to keep the stored ones, ' +
      'which requires the same scheme, host and port; set it to null to remove them',
    body: replaceCameraSchema,
    answer: { status: 200, description: 'The updated camera', schema: cameraSchema },
    etag: true,
    ifMatch: true,
    problems: [...written, ...guarded, 'camera-not-found', 'precondition-failed'],
    limit: 'write',
  },
  updateCamera: {
    method: 'patch',
    path: camera,
    permission: 'camera.configure',
    summary:
      'Change fields of a camera with a JSON merge patch (RFC 7396). `null` resets a field to its default, and ' +
      'removes a label or the login',
    body: patchCameraSchema,
    bodyTypes: patched,
    answer: { status: 200, description: 'The updated camera', schema: cameraSchema },
    etag: true,
    ifMatch: true,
    problems: [...written, ...guarded, 'camera-not-found', 'precondition-failed'],
    limit: 'write',
  },
  deleteCamera: {
    method: 'delete',
    path: camera,
    permission: 'camera.configure',
    summary: 'Stop a camera, waiting up to 7 s, and delete it',
    answer: { status: 204, description: 'Deleted' },
    ifMatch: true,
    problems: [...guarded, 'camera-not-found', 'precondition-failed'],
    limit: 'write',
  },
  startCamera: {
    method: 'post',
    path: `${camera}/start`,
    permission: 'camera.operate',
    summary: 'Enable a camera and retry at once if it is waiting to retry',
    answer: { status: 202, description: 'The current status', schema: cameraStatusSchema },
    problems: [...guarded, 'camera-not-found'],
    limit: 'write',
  },
  stopCamera: {
    method: 'post',
    path: `${camera}/stop`,
    permission: 'camera.operate',
    summary: 'Disable a camera, waiting up to 7 s for it to stop',
    answer: { status: 202, description: 'The status after the wait', schema: cameraStatusSchema },
    problems: [...guarded, 'camera-not-found'],
    limit: 'write',
  },
  readStatus: {
    method: 'get',
    path: `${camera}/status`,
    permission: 'camera.view',
    summary: 'Get the status of a camera',
    answer: { status: 200, description: 'The status', schema: cameraStatusSchema },
    problems: ['camera-not-found', 'store-unavailable'],
    limit: 'none',
  },
  readCombined: {
    method: 'get',
    path: `${camera}/combined`,
    permission: 'camera.view',
    summary: 'Get a camera with its status',
    answer: { status: 200, description: 'The camera and its status', schema: combinedCameraSchema },
    problems: ['camera-not-found', 'store-unavailable'],
    limit: 'none',
  },
  readSnapshot: {
    method: 'get',
    path: `${camera}/snapshot`,
    permission: 'camera.view',
    summary: 'Get the latest frame of a camera as JPEG',
    answer: { status: 200, description: 'The image', contentType: 'image/jpeg' },
    problems: ['camera-not-found', 'no-picture', 'service-unavailable', 'store-unavailable'],
    limit: 'none',
  },
  createTicket: {
    method: 'post',
    path: `${camera}/ticket`,
    permission: 'camera.view',
    summary: "Get a short-lived ticket for a camera's video",
    body: createTicketSchema,
    answer: { status: 201, description: 'The ticket', schema: ticketSchema },
    problems: [...written, 'cross-origin', 'camera-not-found', 'store-unavailable'],
    limit: 'none',
  },
  probeSource: {
    method: 'post',
    path: `${apiRoot}/probe`,
    permission: 'camera.configure',
    summary:
      'Probe a source before saving it: what it sends, what follows, and whether it runs in `mode` with `audio`. ' +
      'With `cameraId` and without `credentials`, the stored credentials are used if the URL has the same ' +
      'scheme, host and port as that camera',
    body: probeRequestSchema,
    answer: {
      status: 200,
      description: 'The streams found, or the reason the probe failed',
      schema: probeResultSchema,
    },
    problems: [...written, ...guarded, 'camera-not-found', 'service-unavailable'],
    limit: 'probe',
  },
  ...webrtcOperations,
  ...streamOperations,
  listDetections: {
    method: 'get',
    path: detections,
    permission: 'detection.view',
    summary: 'List stored detections, newest first, in pages',
    query: detectionQuerySchema,
    answer: { status: 200, description: 'A page of detections', schema: detectionListSchema },
    problems: ['invalid-query', 'store-unavailable'],
    limit: 'none',
  },
  // Before the paths of one detection, whose ids are UUIDs.
  listStreamDetections: {
    method: 'get',
    path: `${detections}/stream/{id}`,
    permission: 'detection.view',
    summary: 'List stored detections of a stream, newest first, in pages',
    query: streamDetectionQuerySchema,
    answer: { status: 200, description: 'A page of detections', schema: streamDetectionListSchema },
    problems: ['camera-not-found', 'invalid-query', 'store-unavailable'],
    limit: 'none',
  },
  readScreenshot: {
    method: 'get',
    path: `${detections}/screenshot/{id}/{filename}`,
    permission: 'detection.view',
    summary: 'Get an image of a detection by the stream and the last part of `imagePath`. It can be cached',
    answer: { status: 200, description: 'The image', contentType: 'image/jpeg' },
    problems: ['camera-not-found', 'picture-not-kept'],
    limit: 'none',
  },
  readDetection: {
    method: 'get',
    path: `${detections}/{id}`,
    idOf: 'detection',
    permission: 'detection.view',
    summary: 'Get a stored detection',
    answer: { status: 200, description: 'The detection', schema: storedDetectionSchema },
    problems: ['detection-not-found', 'store-unavailable'],
    limit: 'none',
  },
  readDetectionImage: {
    method: 'get',
    path: `${detections}/{id}/image`,
    idOf: 'detection',
    permission: 'detection.view',
    summary: 'Get the image of a detection. It never changes and can be cached indefinitely',
    answer: { status: 200, description: 'The image', contentType: 'image/jpeg' },
    problems: ['detection-not-found', 'picture-not-kept', 'store-unavailable'],
    limit: 'none',
  },
  followEvents: {
    method: 'get',
    path: `${apiRoot}/events`,
    upgrade: 'websocket',
    permission: 'camera.view',
    summary:
      'WebSocket: camera status, heartbeats and detections. The server sends ServerEvent messages and accepts ' +
      'ClientEvent messages',
    query: eventsQuerySchema,
    answer: { status: 101, description: 'Switching to the WebSocket protocol' },
    problems: ['upgrade-required', 'invalid-query', 'cross-origin', 'too-many-requests'],
    limit: 'none',
  },
  ...jpegOperations,
  ...accessOperations,
  readInfo: {
    method: 'get',
    path: `${apiRoot}/info`,
    permission: 'none',
    summary: 'Get limits and, signed in, the version',
    answer: { status: 200, description: 'Version and limits', schema: infoSchema },
    problems: [],
    limit: 'none',
  },
  readOpenApi: {
    method: 'get',
    path: `${apiRoot}/openapi.json`,
    permission: 'none',
    summary: 'Get this document',
    answer: { status: 200, description: 'OpenAPI 3.1', contentType: 'application/json' },
    problems: [],
    limit: 'none',
  },
} as const satisfies Record<string, Operation>;

export type Operations = typeof operations;
export type OperationId = keyof Operations;
/** Operations that upgrade to a WebSocket. */
export type SocketOperationId = {
  [Id in OperationId]: Operations[Id] extends { upgrade: 'websocket' } ? Id : never;
}[OperationId];
/** Operations that answer over plain HTTP. */
export type HttpOperationId = Exclude<OperationId, SocketOperationId>;

/** Parameters in the path of an operation: `{ id }`, `{ id, filename }`, `{ id, session }` or none. */
export type PathParametersOf<Id extends OperationId> = ParametersIn<Operations[Id]['path']>;

type ParametersIn<Path> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { [K in Name]: string } & ParametersIn<Rest>
  : unknown;

type PathArguments<Id extends OperationId> =
  unknown extends PathParametersOf<Id> ? [] : [parameters: PathParametersOf<Id>];

/** The path of an operation with its parameters filled in. */
export function operationPath<Id extends OperationId>(id: Id, ...[parameters]: PathArguments<Id>): string {
  const values: Record<string, string> = { ...(parameters as Record<string, string> | undefined) };
  return operations[id].path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(values[name] ?? ''),
  );
}
