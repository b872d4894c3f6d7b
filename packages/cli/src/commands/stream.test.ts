import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { streamExample } from '@camplane/contracts/examples/camera-examples';
import { operationPath } from '@camplane/contracts/operations';
import { CamplaneError } from '@camplane/contracts/problem';
import { streamHealthSchema } from '@camplane/contracts/stream';
import type { Stream, StreamHealth } from '@camplane/contracts/stream';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { runCommandLine } from '../command-line.ts';

const nowMs = Date.parse(streamExample.lastHeartbeat ?? '') + 5_000;
const garage: Stream = {
  ...streamExample,
  id: 'garage',
  name: 'Garage \u001b[2J',
  status: 'ERROR',
  detectionEnabled: false,
  lastHeartbeat: null,
};
const unhealthy: StreamHealth['unhealthy'] = [
  {
    id: 'garage',
    name: garage.name,
    status: 'ERROR',
    reason: 'AuthenticationFailed',
    message: 'The camera refused the login.',
    lastHeartbeat: null,
  },
];

type Answer = { status: number; body: unknown; headers?: Record<string, string> };
let answers: Record<string, Answer>;
let requests: string[];
const server = createServer(({ method, url, headers }, response) => {
  requests.push(`${method} ${url} ${headers.authorization}`);
  const {
    status,
    body,
    headers: more,
  } = answers[`${method} ${url}`] ?? problem('camera-not-found', 'No camera');
  send(response, status, body, more);
});
let api: string;

function send(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function problem(...[kind, detail]: [ConstructorParameters<typeof CamplaneError>[0], string]): Answer {
  const body = new CamplaneError(kind, detail).toProblem();
  return { status: body.status, body };
}

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  requests = [];
  answers = {
    [`GET ${operationPath('listStreams')}`]: { status: 200, body: { items: [streamExample, garage] } },
    [`GET ${operationPath('readStream', { id: 'front-door' })}`]: { status: 200, body: streamExample },
    [`GET ${operationPath('listStreamHealth')}`]: { status: 200, body: { total: 2, unhealthy } },
    [`POST ${operationPath('startStream', { id: 'garage' })}`]: {
      status: 202,
      body: { ...garage, status: 'STARTING' },
    },
    [`POST ${operationPath('stopStream', { id: 'garage' })}`]: {
      status: 202,
      body: { ...garage, status: 'STOPPING' },
    },
  };
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function stream(...args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const output = Promise.all([text(stdout), text(stderr)]);
  const { signal } = new AbortController();
  const env = { CAMPLANE_TOKEN: 'cpl_test' };
  const command = ['stream', ...args, '--api', api];
  const code = await runCommandLine(command, { stdout, stderr, now: () => nowMs, signal, env });
  stdout.end();
  stderr.end();
  const [out, err] = await output;
  return { code, out, err };
}

describe('camplane stream', () => {
  it('lists streams as a table and as JSON', async () => {
    expect(await stream('list')).toEqual({
      code: 0,
      out: [
        'ID          STATUS   DETECTION  FPS  HEARTBEAT  AGE   NAME         URL',
        'front-door  RUNNING  on         2    5s         1d5h  Front door   rtsp://192.0.2.10:554/stream1',
        'garage      ERROR    off        2               1d5h  Garage  [2J  rtsp://192.0.2.10:554/stream1',
        '',
      ].join('\n'),
      err: '',
    });
    expect(requests).toEqual([`GET ${operationPath('listStreams')} Bearer cpl_test`]);
    expect(JSON.parse((await stream('list', '-o', 'json')).out)).toEqual([streamExample, garage]);
  });

  it('shows one stream', async () => {
    const { code, out } = await stream('get', 'front-door');
    expect(code).toBe(0);
    expect(out).toBe(
      [
        'front-door  Front door',
        '  Status     RUNNING',
        '  URL        rtsp://192.0.2.10:554/stream1',
        '  Detection  on, 2 fps',
        '  Heartbeat  5s ago',
        '  Created    1d5h ago',
        '  Updated    1d5h ago',
        '',
      ].join('\n'),
    );
    expect(JSON.parse((await stream('get', 'front-door', '-o', 'json')).out)).toEqual(streamExample);
  });

  it('starts and stops a stream', async () => {
    expect(await stream('start', 'garage')).toEqual({ code: 0, out: 'garage: STARTING\n', err: '' });
    expect(await stream('stop', 'garage')).toEqual({ code: 0, out: 'garage: STOPPING\n', err: '' });
  });

  it('reports unhealthy streams with exit code 1', async () => {
    const { code, out } = await stream('health');
    expect([code, out]).toEqual([
      1,
      [
        'ID      STATUS  REASON                MESSAGE',
        'garage  ERROR   AuthenticationFailed  The camera refused the login.',
        '',
        '1 unhealthy, 2 in total.',
        '',
      ].join('\n'),
    ]);
    const json = await stream('health', '-o', 'json');
    expect([json.code, streamHealthSchema.parse(JSON.parse(json.out))]).toEqual([1, { total: 2, unhealthy }]);
    answers[`GET ${operationPath('listStreamHealth')}`] = { status: 200, body: { total: 2, unhealthy: [] } };
    expect(await stream('health')).toMatchObject({ code: 0, out: 'No unhealthy streams, 2 in total.\n' });
  });

  it('says what a refused call needs', async () => {
    const path = `POST ${operationPath('startStream', { id: 'garage' })}`;
    answers[path] = problem('unauthenticated', 'Sign in first');
    expect((await stream('start', 'garage')).err).toBe(
      'camplane: Sign in first\n  create an API token with camera.operate in the dashboard, and set CAMPLANE_TOKEN\n',
    );
    answers[path] = problem('forbidden', 'This needs camera.operate');
    expect((await stream('start', 'garage')).err).toContain(
      'use the API token of a user with camera.operate',
    );
    answers[path] = { ...problem('too-many-requests', 'Too many changes'), headers: { 'retry-after': '7' } };
    expect((await stream('start', 'garage')).err).toContain('Too many changes\n  try again in 7 s');
    expect(await stream('get', 'cellar')).toEqual({ code: 1, out: '', err: 'camplane: No camera\n' });
  });

  it('refuses a wrong command line without a request', async () => {
    for (const [args, message] of [
      [['restart', 'garage'], "unknown action 'restart'"],
      [['toString'], "unknown action 'toString'"],
      [['get'], 'missing stream id, usage: camplane stream get ID'],
      [['list', 'garage'], "unexpected argument 'garage'"],
      [['get', '../users'], "invalid stream id '../users'"],
      [['get', 'health'], 'use camplane describe health'],
      [[], 'missing argument'],
    ] as const) {
      expect(await stream(...args)).toMatchObject({ code: 2, err: expect.stringContaining(message) });
    }
    expect(requests).toEqual([]);
  });
});
