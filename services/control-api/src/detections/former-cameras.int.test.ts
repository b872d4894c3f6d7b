import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { CameraScope } from '@camplane/contracts/access';
import { operationPath, operations } from '@camplane/contracts/operations';
import { detectionsTopic } from '@camplane/contracts/topics';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { startAccessSuite } from '../testing/access-suite.ts';
import type { AccessSuite } from '../testing/access-suite.ts';
import { entryOf, jpegOf, resultOf } from '../testing/result-of.ts';
import { eventually } from '../testing/running-api.ts';
import type { Answer, RunningApi } from '../testing/running-api.ts';

jest.setTimeout(60_000);

type Headers = Record<string, string>;
const hourMs = 3600_000;
const password = 'detections of tests';
const scopes: Record<string, CameraScope> = {
  all: { kind: 'all' },
  named: { kind: 'cameras', ids: ['door'] },
  label: { kind: 'label', key: 'site', value: 'north' },
};

let suite: AccessSuite;
let api: RunningApi;
let admin: Headers;
const viewers = new Map<string, Headers>();
const sockets: WebSocket[] = [];

beforeAll(async () => {
  suite = await startAccessSuite();
  api = await suite.start();
  admin = await api.signIn();
  for (const [username, scope] of Object.entries(scopes)) {
    const body = { username, password, grants: [{ role: 'viewer', scope }] };
    await request(201, 'POST', operations.createUser.path, body);
    viewers.set(username, await api.signIn(username, password));
  }
});
afterAll(async () => {
  for (const socket of sockets) socket.terminate();
  await suite?.stop();
});

async function request(
  status: number,
  method: string,
  path: string,
  body?: unknown,
  headers = admin,
): Promise<Answer> {
  const answer = await api.call(method, path, body, headers);
  if (answer.status !== status)
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer;
}

function create(site: string): Promise<Answer> {
  const body = { id: 'door', labels: { site }, source: { url: 'rtsp://192.0.2.10/a' } };
  return request(201, 'POST', operations.createCamera.path, body);
}

const idsOf = async (headers: Headers): Promise<string[]> => {
  const { body } = await request(
    200,
    'GET',
    `${operations.listDetections.path}?cameraId=door`,
    undefined,
    headers,
  );
  return (body as { items: { id: string }[] }).items.map(({ id }) => id);
};

/** Publishes a detection of the camera and waits until it is stored. */
async function detect(): Promise<string> {
  const entry = entryOf();
  const picture = jpegOf(400).toString('base64');
  await api.bus.publish(detectionsTopic, 'door', resultOf('door', { detections: [entry], picture }));
  await eventually(async () => expect(await idsOf(admin)).toContain(entry.id));
  return entry.id;
}

/** Follows live events. Returns the ids of detections as they arrive. */
async function follow(headers: Headers): Promise<string[]> {
  const socket = new WebSocket(`${api.url.replace('http', 'ws')}${operations.followEvents.path}`, {
    headers,
  });
  sockets.push(socket);
  const received: string[] = [];
  socket.on('message', (data: Buffer) => {
    const event = JSON.parse(data.toString()) as { detections?: { id: string }[] };
    received.push(...(event.detections ?? []).map(({ id }) => id));
  });
  await once(socket, 'open');
  return received;
}

const statusesOf = async (id: string, headers: Headers): Promise<number[]> =>
  Promise.all(
    (['readDetection', 'readDetectionImage'] as const).map(
      async (operation) =>
        (await api.call('GET', operationPath(operation, { id }), undefined, headers)).status,
    ),
  );

describe('detections of a camera that was deleted', () => {
  it('are not handed to the viewers of a new camera of its id', async () => {
    await create('south');
    const former = await detect();
    await request(204, 'DELETE', operationPath('deleteCamera', { id: 'door' }));
    const of = (name: string): Headers => viewers.get(name) ?? {};
    // The grant names the camera, which does not exist at the moment.
    expect(await idsOf(of('named'))).toEqual([former]);

    await create('north');
    const current = await detect();
    expect(await idsOf(of('all'))).toEqual([current, former]);
    for (const name of ['named', 'label']) {
      expect(await idsOf(of(name))).toEqual([current]);
      expect(await statusesOf(current, of(name))).toEqual([200, 200]);
      expect(await statusesOf(former, of(name))).toEqual([404, 404]);
    }
    expect(await statusesOf(former, of('all'))).toEqual([200, 200]);
  });

  it('are not sent to the viewers of a new camera of its id when they arrive late', async () => {
    const followers = new Map<string, string[]>();
    for (const [name, headers] of viewers) followers.set(name, await follow(headers));
    const late = { id: randomUUID(), capturedAt: new Date(Date.now() - hourMs).toISOString() };
    const live = { id: randomUUID(), capturedAt: new Date().toISOString() };
    for (const { id, capturedAt } of [late, live]) {
      const detections = [entryOf({ id })];
      await api.bus.publish(detectionsTopic, 'door', resultOf('door', { capturedAt, detections }));
    }
    // Events arrive in order, so the first has arrived, or was left out.
    for (const [name, received] of followers) {
      await eventually(() => expect(received).toContain(live.id));
      expect(received).toEqual(name === 'all' ? [late.id, live.id] : [live.id]);
    }
  });
});
