import type { Operation } from './operation.ts';
import { apiRoot, guarded, patched, written } from './operation-parts.ts';
import {
  createStreamSchema,
  streamHealthSchema,
  streamListSchema,
  streamSchema,
  updateStreamSchema,
} from './stream.ts';

const streams = `${apiRoot}/streams` as const;
const stream = `${streams}/{id}` as const;

/** The operations on streams: cameras seen as pipelines (R3.4). A stream has the id of its camera. */
export const streamOperations = {
  listStreams: {
    method: 'get',
    path: streams,
    permission: 'camera.view',
    summary: 'List streams, ordered by id',
    answer: { status: 200, description: 'The streams', schema: streamListSchema },
    problems: ['store-unavailable'],
    limit: 'none',
  },
  createStream: {
    method: 'post',
    path: streams,
    permission: 'camera.configure',
    summary: 'Add a camera, given as a stream, and start it. Other fields of the camera take their defaults',
    body: createStreamSchema,
    answer: { status: 201, description: 'The stream. `Location` is its path', schema: streamSchema },
    problems: [...written, ...guarded, 'camera-exists', 'camera-limit'],
    limit: 'write',
  },
  // Before `readStream`: a camera called `health` is read at its path under `/cameras`.
  listStreamHealth: {
    method: 'get',
    path: `${streams}/health`,
    permission: 'camera.view',
    summary: 'List the unhealthy streams with the reason: in `ERROR`, or without a heartbeat for 30 s',
    answer: { status: 200, description: 'The unhealthy streams', schema: streamHealthSchema },
    problems: ['store-unavailable'],
    limit: 'none',
  },
  readStream: {
    method: 'get',
    path: stream,
    permission: 'camera.view',
    summary: 'Get a stream',
    answer: { status: 200, description: 'The stream', schema: streamSchema },
    problems: ['camera-not-found', 'store-unavailable'],
    limit: 'none',
  },
  updateStream: {
    method: 'patch',
    path: stream,
    permission: 'camera.configure',
    summary:
      'Change fields of a stream; the others keep their values. A changed source restarts it. The login of the ' +
      'camera is kept while scheme, host and port stay',
    body: updateStreamSchema,
    bodyTypes: patched,
    answer: { status: 200, description: 'The updated stream', schema: streamSchema },
    problems: [...written, ...guarded, 'camera-not-found'],
    limit: 'write',
  },
  deleteStream: {
    method: 'delete',
    path: stream,
    permission: 'camera.configure',
    summary: 'Stop a stream, waiting up to 7 s, and delete its camera',
    answer: { status: 204, description: 'Deleted' },
    problems: [...guarded, 'camera-not-found'],
    limit: 'write',
  },
  startStream: {
    method: 'post',
    path: `${stream}/start`,
    permission: 'camera.operate',
    summary: 'Start a stream. The answer does not wait for it; a stream that runs keeps running',
    answer: { status: 202, description: 'The stream, `STARTING` until it runs', schema: streamSchema },
    problems: [...guarded, 'camera-not-found'],
    limit: 'write',
  },
  stopStream: {
    method: 'post',
    path: `${stream}/stop`,
    permission: 'camera.operate',
    summary: 'Stop a stream. The answer does not wait for it; a stopped stream stays stopped',
    answer: { status: 202, description: 'The stream, `STOPPING` until it has stopped', schema: streamSchema },
    problems: [...guarded, 'camera-not-found'],
    limit: 'write',
  },
} as const satisfies Record<string, Operation>;
