import type { BodyInputOf, QueryInputOf } from '../operation.ts';
import type { OperationId, Operations } from '../operations.ts';
import { jpegQualities } from '../jpeg-stream.ts';
import type { z } from 'zod';
import {
  auditEntryExample,
  currentSessionExample,
  passwordExample,
  roleExample,
  sessionExample,
  tokenExample,
  userExample,
} from './access-examples.ts';
import {
  cameraExample,
  cursorExample,
  detectionExample,
  pageExample,
  statusExample,
  streamDetectionExample,
  streamExample,
} from './camera-examples.ts';
import { sdpExample, sdpFragmentExample } from './webrtc-examples.ts';

type Part<Name extends string, T> = [T] extends [undefined] ? object : { [K in Name]: T };
type AnswerOf<A> = A extends { schema: infer S extends z.ZodType }
  ? z.output<S>
  : A extends { contentType: 'application/sdp' }
    ? string
    : undefined;

/** An example of each part that the operation has. */
type ExamplesOf<O extends Operations[OperationId]> = Part<'query', QueryInputOf<O>> &
  Part<'body', BodyInputOf<O>> &
  Part<'answer', AnswerOf<O['answer']>>;

const credentials = { username: 'viewer', password: 'secret' };
const source = { url: cameraExample.source.url, subUrl: cameraExample.source.subUrl, credentials };
const { grants } = userExample;
const { name, permissions, scope } = tokenExample;

/** Examples of every operation. OpenAPI, the Postman collection and tests use them. */
export const operationExamples: { [Id in OperationId]: ExamplesOf<Operations[Id]> } = {
  listCameras: { answer: { items: [cameraExample] } },
  createCamera: {
    body: { id: 'front-door', displayName: 'Front door', labels: { floor: 'ground' }, source },
    answer: cameraExample,
  },
  listStatus: { answer: { items: [statusExample] } },
  readCamera: { answer: cameraExample },
  replaceCamera: {
    body: { displayName: 'Front door', source: { url: source.url, subUrl: source.subUrl } },
    answer: cameraExample,
  },
  updateCamera: {
    body: { displayName: 'Front door', frames: { fps: 2 }, labels: { building: null } },
    answer: cameraExample,
  },
  deleteCamera: {},
  startCamera: { answer: statusExample },
  stopCamera: { answer: statusExample },
  readStatus: { answer: statusExample },
  readCombined: { answer: { camera: cameraExample, status: statusExample } },
  readSnapshot: {},
  createTicket: {
    body: { use: 'address' },
    answer: { ticket: 'eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl', expiresAt: '2026-11-21T13:37:21.000Z' },
  },
  probeSource: {
    body: { url: source.url, credentials },
    answer: {
      ok: false,
      reason: 'CredentialsRefused',
      message: 'The camera refused the user name or password',
      suggestedMode: null,
    },
  },
  offerWebrtc: {
    query: { quality: 'main' },
    body: { sdp: sdpExample('recvonly'), type: 'offer' },
    answer: { sdp: sdpExample('sendonly'), type: 'answer' },
  },
  createWhepSession: {
    query: { quality: 'main' },
    body: sdpExample('recvonly'),
    answer: sdpExample('sendonly'),
  },
  readWhepOptions: {},
  updateWhepSession: { body: sdpFragmentExample },
  deleteWhepSession: {},
  listStreams: { answer: { items: [streamExample] } },
  createStream: {
    body: { id: 'front-door', name: 'Front door', rtspUrl: source.url, fps: 2 },
    answer: streamExample,
  },
  listStreamHealth: {
    answer: {
      total: 2,
      unhealthy: [
        {
          id: 'garden',
          name: 'Garden',
          status: 'ERROR',
          reason: 'ConnectionRefused',
          message: 'The camera refused the connection',
          lastHeartbeat: '2026-11-21T13:36:51.123Z',
        },
      ],
    },
  },
  readStream: { answer: streamExample },
  updateStream: { body: { name: 'Front door', fps: 2 }, answer: streamExample },
  deleteStream: {},
  startStream: { answer: { ...streamExample, status: 'STARTING' } },
  stopStream: { answer: { ...streamExample, status: 'STOPPING' } },
  listDetections: {
    query: { cameraId: ['front-door'], label: ['person'], minConfidence: 0.6, ...pageExample },
    answer: { items: [detectionExample], nextCursor: cursorExample },
  },
  listStreamDetections: {
    query: { label: ['person'], ...pageExample },
    answer: { items: [streamDetectionExample], nextCursor: null },
  },
  readScreenshot: {},
  readDetection: { answer: detectionExample },
  readDetectionImage: {},
  followEvents: { query: { cameraId: ['front-door'] } },
  followJpeg: { query: { quality: 'low' } },
  followCameras: {},
  readJpegInfo: {
    answer: {
      type: 'jpeg',
      url: '/api/v1/cameras/front-door/stream',
      mjpegUrl: '/api/v1/cameras/front-door/stream.mjpeg',
      snapshotUrl: '/api/v1/cameras/front-door/stream/snapshot',
      defaultQuality: 'medium',
      qualities: [{ name: 'medium', ...jpegQualities.medium }],
    },
  },
  readJpegSnapshot: { query: { width: 320 } },
  readMjpeg: { query: { quality: 'low' } },
  createSession: { body: { username: 'anna', password: passwordExample }, answer: currentSessionExample },
  readSession: { answer: currentSessionExample },
  deleteSession: {},
  startOidc: { query: { returnTo: '/cameras/front-door' } },
  finishOidc: { query: { code: 'SplxlOBeZQQYbYS6WxSbIA', state: 'af0ifjsldkj' } },
  changePassword: {
    body: { currentPassword: passwordExample, newPassword: 'other unrelated long words' },
  },
  listSessions: { answer: { items: [sessionExample] } },
  endSession: {},
  listTokens: { answer: { items: [tokenExample] } },
  createToken: {
    body: { name, permissions, scope, expiresAt: tokenExample.expiresAt },
    answer: { token: tokenExample, secret: 'cpl_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG' },
  },
  revokeToken: {},
  listUsers: { answer: { items: [userExample] } },
  createUser: {
    body: { username: 'anna', password: passwordExample, displayName: 'Anna', grants },
    answer: userExample,
  },
  readUser: { answer: userExample },
  replaceUser: { body: { displayName: 'Anna', enabled: true, grants }, answer: userExample },
  deleteUser: {},
  resetPassword: { body: { password: passwordExample } },
  listRoles: { answer: { items: [roleExample] } },
  replaceRole: { body: { permissions: roleExample.permissions }, answer: roleExample },
  deleteRole: {},
  listAudit: {
    query: { username: ['anna'], outcome: ['refused'], limit: 20 },
    answer: { items: [auditEntryExample], nextCursor: null },
  },
  readInfo: {
    answer: {
      name: 'camplane',
      version: '0.1.0',
      signIn: { oidc: null },
      limits: {
        maxCameras: 200,
        bodyMaxBytes: 65_536,
        snapshotMaxBytes: 8_388_608,
        writesPerMinute: 300,
        probesPerMinute: 60,
        eventClientsMax: 200,
        eventMessageMaxBytes: 16_384,
      },
    },
  },
  readOpenApi: {},
};
