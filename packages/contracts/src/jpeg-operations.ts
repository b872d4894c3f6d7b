import { jpegInfoSchema, jpegSnapshotQuerySchema, jpegStreamQuerySchema } from './jpeg-stream.ts';
import { apiRoot } from './operation-parts.ts';
import type { Operation } from './operation.ts';

const stream = `${apiRoot}/cameras/{id}/stream` as const;

/** Problems of operations that stream-proxy serves. */
const proxied = ['camera-not-found', 'service-unavailable'] as const;

/** Live JPEG (R4): control-api decides who may view the camera and forwards to stream-proxy. */
export const jpegOperations = {
  followJpeg: {
    method: 'get',
    path: stream,
    upgrade: 'websocket',
    viewerAuth: 'ticket-or-first-message',
    permission: 'camera.view',
    summary:
      'WebSocket: live JPEG. Each binary message of the server is a picture. Other messages are JSON: ' +
      'JpegServerMessage and JpegClientMessage. Without a credential, the first message must be `auth`',
    query: jpegStreamQuerySchema,
    answer: { status: 101, description: 'Switching to the WebSocket protocol' },
    problems: [...proxied, 'stream-limit', 'upgrade-required', 'invalid-query', 'cross-origin'],
    limit: 'none',
  },
  followCameras: {
    method: 'get',
    path: `${apiRoot}/live`,
    upgrade: 'websocket',
    viewerAuth: 'first-message',
    permission: 'camera.view',
    summary:
      'WebSocket: live JPEG of many cameras. The client names cameras in LiveClientMessage; the server sends ' +
      'LiveServerMessage. Each binary message of the server is a picture: the length of the id of its camera in one ' +
      'byte, the id, the JPEG. Without a credential, the first message must be `auth` with an API token',
    answer: { status: 101, description: 'Switching to the WebSocket protocol' },
    problems: ['upgrade-required', 'invalid-query', 'cross-origin', 'too-many-requests'],
    limit: 'none',
  },
  readJpegInfo: {
    method: 'get',
    path: `${stream}/info`,
    permission: 'camera.view',
    summary: 'Get the addresses and qualities of the live JPEG stream',
    answer: { status: 200, description: 'Addresses and qualities', schema: jpegInfoSchema },
    problems: proxied,
    limit: 'none',
  },
  readJpegSnapshot: {
    method: 'get',
    path: `${stream}/snapshot`,
    permission: 'camera.view',
    summary: 'Get the current picture as JPEG within 3 s, from a running stream if there is one',
    query: jpegSnapshotQuerySchema,
    answer: { status: 200, description: 'The picture', contentType: 'image/jpeg' },
    problems: [...proxied, 'no-picture', 'stream-limit', 'invalid-query'],
    limit: 'none',
  },
  readMjpeg: {
    method: 'get',
    path: `${stream}.mjpeg`,
    viewerAuth: 'ticket',
    permission: 'camera.view',
    summary: 'Get live JPEG as an endless multipart/x-mixed-replace response, for tools that play only that',
    query: jpegStreamQuerySchema,
    answer: { status: 200, description: 'The pictures', contentType: 'multipart/x-mixed-replace' },
    problems: [...proxied, 'stream-limit', 'invalid-query'],
    limit: 'none',
  },
} as const satisfies Record<string, Operation>;
