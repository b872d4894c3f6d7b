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
import {
  detectionListSchema,
  detectionQuerySchema,
  storedDetectionSchema,
} from '@camplane/contracts/detection';
import { cameraStatusSchema } from '@camplane/contracts/camera-status';
import type { ErrorKind } from '@camplane/contracts/problem';
import { z } from 'zod';

/** One operation of the HTTP API: what the router checks and the OpenAPI document says. */
export type Operation = {
  method: 'get' | 'post' | 'put' | 'delete';
  /** With `{id}` for an id. */
  path: string;
  /** Whose id is in the path: a camera's, unless it says otherwise. */
  idOf?: 'camera' | 'detection';
  summary: string;
  /** Absent: the operation takes no body. */
  body?: z.ZodType;
  /** Absent: it takes no query parameters. */
  query?: z.ZodObject;
  answer: { status: number; description: string; schema?: z.ZodType; contentType?: string };
  problems: readonly ErrorKind[];
  /** Which limit of calls per minute counts it. */
  limit: 'none' | 'write' | 'probe';
};

/** `GET /api/v1/info`: what a client should know before it calls. */
export const infoSchema = z.object({
  name: z.string(),
  version: z.string(),
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

const cameras = '/api/v1/cameras';
const camera = `${cameras}/{id}`;
const detections = '/api/v1/detections';
const written = ['invalid-body', 'malformed-json', 'unsupported-media-type', 'body-too-large'] as const;
const guarded = ['cross-origin', 'too-many-requests', 'store-unavailable'] as const;

export const operations = {
  listCameras: {
    method: 'get',
    path: cameras,
    summary: 'All cameras, by id',
    answer: { status: 200, description: 'The cameras', schema: cameraListSchema },
    problems: ['store-unavailable'],
    limit: 'none',
  },
  createCamera: {
    method: 'post',
    path: cameras,
    summary: 'Adds a camera and starts it, unless `enabled` is false',
    body: createCameraSchema,
    answer: { status: 201, description: 'The camera; `Location` is its address', schema: cameraSchema },
    problems: [...written, ...guarded, 'camera-exists', 'camera-limit'],
    limit: 'write',
  },
  listStatus: {
    method: 'get',
    path: `${cameras}/status/all`,
    summary: 'The status of every camera',
    answer: { status: 200, description: 'The statuses, by camera id', schema: cameraStatusListSchema },
    problems: ['store-unavailable'],
    limit: 'none',
  },
  readCamera: {
    method: 'get',
    path: camera,
    summary: 'A camera; its credentials are never read back',
    answer: { status: 200, description: 'The camera', schema: cameraSchema },
    problems: ['camera-not-found', 'store-unavailable'],
    limit: 'none',
  },
  replaceCamera: {
    method: 'put',
    path: camera,
    summary:
      'Replaces a camera: what is left out takes its default. `source.credentials` left out: kept, as long as ' +
      'the source stays on the same scheme, host and port; null: forgotten',
    body: replaceCameraSchema,
    answer: { status: 200, description: 'The camera as it is now', schema: cameraSchema },
    problems: [...written, ...guarded, 'camera-not-found'],
    limit: 'write',
  },
  deleteCamera: {
    method: 'delete',
    path: camera,
    summary: 'Stops a camera, waiting at most 7 s for it, and deletes it',
    answer: { status: 204, description: 'It is gone' },
    problems: [...guarded, 'camera-not-found'],
    limit: 'write',
  },
  startCamera: {
    method: 'post',
    path: `${camera}/start`,
    summary: 'Switches a camera on; ends a pause between attempts',
    answer: { status: 202, description: 'Its status now', schema: cameraStatusSchema },
    problems: [...guarded, 'camera-not-found'],
    limit: 'write',
  },
  stopCamera: {
    method: 'post',
    path: `${camera}/stop`,
    summary: 'Switches a camera off, waiting at most 7 s for it to stop',
    answer: { status: 202, description: 'Its status then', schema: cameraStatusSchema },
    problems: [...guarded, 'camera-not-found'],
    limit: 'write',
  },
  readStatus: {
    method: 'get',
    path: `${camera}/status`,
    summary: "A camera's status",
    answer: { status: 200, description: 'The status', schema: cameraStatusSchema },
    problems: ['camera-not-found', 'store-unavailable'],
    limit: 'none',
  },
  readCombined: {
    method: 'get',
    path: `${camera}/combined`,
    summary: 'A camera and its status',
    answer: { status: 200, description: 'Both', schema: combinedCameraSchema },
    problems: ['camera-not-found', 'store-unavailable'],
    limit: 'none',
  },
  readSnapshot: {
    method: 'get',
    path: `${camera}/snapshot`,
    summary: "A camera's latest picture",
    answer: { status: 200, description: 'The picture', contentType: 'image/jpeg' },
    problems: ['camera-not-found', 'no-picture', 'service-unavailable', 'store-unavailable'],
    limit: 'none',
  },
  probeSource: {
    method: 'post',
    path: '/api/v1/probe',
    summary:
      'Looks at a source before it is saved. With `cameraId` and without `credentials`, the stored ones are ' +
      "used if the URL is on that camera's scheme, host and port",
    body: probeRequestSchema,
    answer: { status: 200, description: 'What was found, or why nothing was', schema: probeResultSchema },
    problems: [...written, ...guarded, 'camera-not-found', 'service-unavailable'],
    limit: 'probe',
  },
  listDetections: {
    method: 'get',
    path: detections,
    summary: 'Stored detections, newest first, a page at a time',
    query: detectionQuerySchema,
    answer: { status: 200, description: 'A page of detections', schema: detectionListSchema },
    problems: ['invalid-query', 'store-unavailable'],
    limit: 'none',
  },
  readDetection: {
    method: 'get',
    path: `${detections}/{id}`,
    idOf: 'detection',
    summary: 'A stored detection',
    answer: { status: 200, description: 'The detection', schema: storedDetectionSchema },
    problems: ['detection-not-found', 'store-unavailable'],
    limit: 'none',
  },
  readDetectionImage: {
    method: 'get',
    path: `${detections}/{id}/image`,
    idOf: 'detection',
    summary:
      'The frame that a detection was found in. It never changes: it may be kept for as long as one likes',
    answer: { status: 200, description: 'The picture', contentType: 'image/jpeg' },
    problems: ['detection-not-found', 'picture-not-kept', 'store-unavailable'],
    limit: 'none',
  },
  readInfo: {
    method: 'get',
    path: '/api/v1/info',
    summary: 'Version and limits',
    answer: { status: 200, description: 'Version and limits', schema: infoSchema },
    problems: [],
    limit: 'none',
  },
  readOpenApi: {
    method: 'get',
    path: '/api/v1/openapi.json',
    summary: 'This document',
    answer: { status: 200, description: 'OpenAPI 3.1' },
    problems: [],
    limit: 'none',
  },
} as const satisfies Record<string, Operation>;

export type OperationId = keyof typeof operations;
