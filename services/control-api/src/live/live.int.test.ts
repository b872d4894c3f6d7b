import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Grant } from '@camplane/contracts/access';
import { parseLivePicture } from '@camplane/contracts/live-cameras';
import type { LiveServerMessage } from '@camplane/contracts/live-cameras';
import { operationPath, operations } from '@camplane/contracts/operations';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { startAccessSuite } from '../testing/access-suite.ts';
import type { AccessSuite } from '../testing/access-suite.ts';
import { startFakeStreamProxy } from '../testing/fake-stream-proxy.ts';
import type { FakeStreamProxy } from '../testing/fake-stream-proxy.ts';
import { eventually } from '../testing/running-api.ts';
import type { RunningApi } from '../testing/running-api.ts';

jest.setTimeout(60_000);

const secret = 'the secret of stream-proxy in this test';
const password = 'a viewer of some cameras';
const ids = ['door', 'hall', 'yard'];

let suite: AccessSuite;
let api: RunningApi;
let proxy: FakeStreamProxy;
let admin: { cookie: string };
let guestId: string;
const viewers: Viewer[] = [];

beforeAll(async () => {
  [suite, proxy] = await Promise.all([startAccessSuite(), startFakeStreamProxy(secret)]);
  api = await suite.start({ streamProxy: { url: proxy.url, secret }, limits: { liveClientsMax: 5 } });
  admin = await api.signIn();
  for (const id of ids) {
    await succeed('POST', 'createCamera', { id, source: { url: 'rtsp://192.0.2.10/a' } });
  }
  const body = { username: 'guest', password, grants: [on('door', 'hall')] };
  guestId = (await succeed('POST', 'createUser', body)).id;
});
afterEach(async () => {
  for (const { socket } of viewers.splice(0)) socket.terminate();
  await eventually(() => expect(proxy.open()).toEqual([]));
});
afterAll(async () => {
  await suite.stop();
  await proxy.stop();
});

const on = (...cameras: string[]): Grant => ({ role: 'viewer', scope: { kind: 'cameras', ids: cameras } });

async function succeed(method: string, id: 'createCamera' | 'createUser' | 'createToken', body: object) {
  const { status, body: answer } = await api.call(method, operationPath(id), body, admin);
  expect(status).toBe(201);
  return answer as { id: string; secret: string };
}

async function setGrants(...grants: Grant[]): Promise<void> {
  const path = operationPath('replaceUser', { id: guestId });
  expect((await api.call('PUT', path, { enabled: true, grants }, admin)).status).toBe(200);
}

/** Refusals in the audit log. @param username null: without a valid credential */
async function refusalsOf(username: string | null) {
  const { body } = await api.call('GET', `${operationPath('listAudit')}?outcome=refused`, undefined, admin);
  const { items } = body as { items: { action: string; cameraId: string; username: string | null }[] };
  return items.filter((entry) => entry.username === username);
}

type Viewer = {
  socket: WebSocket;
  messages: LiveServerMessage[];
  /** `camera: text` of each picture. */
  pictures: string[];
  closed: Promise<{ code: number; reason: string }>;
  send(message: object): void;
};

async function connect(headers: Record<string, string> = admin): Promise<Viewer> {
  const socket = new WebSocket(`${api.url.replace('http', 'ws')}${operations.followCameras.path}`, {
    headers,
  });
  const viewer: Viewer = {
    ...{ socket, messages: [], pictures: [] },
    closed: new Promise((resolve) =>
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    ),
    send: (message) => socket.send(JSON.stringify(message)),
  };
  viewers.push(viewer);
  socket.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) return viewer.messages.push(JSON.parse(data.toString('utf8')) as LiveServerMessage);
    const picture = parseLivePicture(data);
    return viewer.pictures.push(
      `${picture?.cameraId}: ${Buffer.from(picture?.jpeg ?? [])
        .subarray(0, 20)
        .toString()}`,
    );
  });
  await once(socket, 'open');
  return viewer;
}

async function watch(viewer: Viewer, ...streams: string[]): Promise<void> {
  for (const stream of streams) {
    const [cameraId, quality] = stream.split('/');
    viewer.send({ type: 'watch', cameraId, quality });
  }
  await eventually(() => expect(proxy.open()).toEqual(expect.arrayContaining(streams)));
}

const errorsOf = ({ messages }: Viewer) => messages.filter(({ type }) => type === 'error');

describe('one connection for many cameras', () => {
  it('sends the state and the pictures of each watched camera, and the latest ones at once', async () => {
    const viewer = await connect();
    await watch(viewer, 'door/low', 'hall/high');
    proxy.info('door/low', 'live', null);
    proxy.picture('door/low', Buffer.from('door 1'));
    proxy.picture('hall/high', Buffer.from('hall 1'));
    await eventually(() => expect(viewer.pictures.sort()).toEqual(['door: door 1', 'hall: hall 1']));
    const second = await connect();
    await watch(second, 'door/low');
    await eventually(() => expect(second.pictures).toEqual(['door: door 1']));
    expect(second.messages).toMatchObject([
      { type: 'info', cameraId: 'door', quality: 'low', state: 'live' },
    ]);
    // Both share a connection to stream-proxy.
    expect(proxy.open()).toEqual(['door/low', 'hall/high']);
    proxy.info('hall/high', 'offline', 'Unreachable');
    await eventually(() =>
      expect(viewer.messages.at(-1)).toMatchObject({
        cameraId: 'hall',
        state: 'offline',
        reason: 'Unreachable',
      }),
    );
  });

  it('ends a stream after unwatch, and when the connection closes', async () => {
    const viewer = await connect();
    await watch(viewer, 'door/low', 'hall/low');
    viewer.send({ type: 'unwatch', cameraId: 'door' });
    await eventually(() => expect(proxy.open()).toEqual(['hall/low']));
    viewer.send({ type: 'ping' });
    await eventually(() => expect(viewer.messages.at(-1)).toEqual({ type: 'pong' }));
    viewer.socket.close();
    await eventually(() => expect(proxy.open()).toEqual([]));
  });

  it('changes the quality, and shows the previous one until the new one has a picture', async () => {
    const viewer = await connect();
    await watch(viewer, 'door/low');
    await watch(viewer, 'door/high');
    proxy.picture('door/low', Buffer.from('small'));
    await eventually(() => expect(viewer.pictures).toEqual(['door: small']));
    proxy.picture('door/high', Buffer.from('large'));
    await eventually(() => expect(viewer.pictures.at(-1)).toBe('door: large'));
    await eventually(() => expect(proxy.open()).toEqual(['door/high']));
  });

  it('keeps the quality if stream-proxy refuses the new one', async () => {
    proxy.refuse('door/medium');
    const viewer = await connect();
    await watch(viewer, 'door/low');
    viewer.send({ type: 'watch', cameraId: 'door', quality: 'medium' });
    await eventually(() =>
      expect(errorsOf(viewer)).toMatchObject([
        { cameraId: 'door', code: 'stream-limit', isWatched: true, retryAfterSeconds: 10 },
      ]),
    );
    proxy.picture('door/low', Buffer.from('still'));
    await eventually(() => expect(viewer.pictures).toEqual(['door: still']));
    expect(viewer.messages.at(-1)).toMatchObject({ type: 'info', quality: 'low' });
  });

  it('reports a stream that is refused or has ended, and continues with the others', async () => {
    proxy.refuse('yard/high');
    const viewer = await connect();
    await watch(viewer, 'door/low', 'hall/low');
    viewer.send({ type: 'watch', cameraId: 'yard', quality: 'high' });
    await eventually(() =>
      expect(errorsOf(viewer)).toMatchObject([{ cameraId: 'yard', code: 'stream-limit', isWatched: false }]),
    );
    proxy.disconnect('door/low', 1008);
    await eventually(() =>
      expect(errorsOf(viewer).at(-1)).toMatchObject({
        cameraId: 'door',
        code: 'service-unavailable',
        retryAfterSeconds: 2,
      }),
    );
    await watch(viewer, 'door/low');
    proxy.picture('door/low', Buffer.from('again'));
    await eventually(() => expect(viewer.pictures).toEqual(['door: again']));
  });

  it('continues a stream whose replica is lost', async () => {
    const viewer = await connect();
    await watch(viewer, 'door/low');
    for (const [code, text] of [
      [1001, 'second'],
      [undefined, 'third'],
    ] as const) {
      proxy.disconnect('door/low', code);
      await eventually(() => expect(proxy.open()).toEqual(['door/low']));
      proxy.picture('door/low', Buffer.from(text));
      await eventually(() => expect(viewer.pictures.at(-1)).toBe(`door: ${text}`));
    }
    expect(errorsOf(viewer)).toEqual([]);
  });

  it('answers invalid messages with an error, and closes after too many of them', async () => {
    const viewer = await connect();
    viewer.send({ type: 'rewind' });
    viewer.send({ type: 'watch', cameraId: 'Not An Id', quality: 'low' });
    await eventually(() => expect(errorsOf(viewer)).toHaveLength(2));
    expect(errorsOf(viewer)[1]).toMatchObject({ cameraId: null, code: 'invalid-message' });
    viewer.socket.send(Buffer.from('binary'));
    expect(await viewer.closed).toEqual({ code: 1008, reason: 'three invalid messages' });
    const large = await connect();
    large.socket.send('x'.repeat(9000));
    expect(await large.closed).toMatchObject({ code: 1009 });
    const fast = await connect();
    for (let count = 0; count < 300; count++) fast.send({ type: 'ping' });
    expect(await fast.closed).toEqual({ code: 1008, reason: 'too many messages' });
  });

  it('limits the connections, and the cameras of each', async () => {
    const opened = await Promise.all([1, 2, 3, 4, 5].map(() => connect()));
    await expect(connect()).rejects.toThrow('429');
    const [viewer] = opened;
    for (let count = 0; count < 65; count++) {
      const id = `many-${count}`;
      // Created through the registry: the limit of writes does not matter here.
      await api.api.registry.create({ id, source: { url: 'rtsp://192.0.2.10/a' } } as never);
      viewer?.send({ type: 'watch', cameraId: id, quality: 'low' });
    }
    await eventually(() => expect(proxy.open()).toHaveLength(64));
    await eventually(() =>
      expect(viewer && errorsOf(viewer)).toMatchObject([{ cameraId: 'many-64', code: 'too-many-watched' }]),
    );
  });
});

describe('a client that reads slowly', () => {
  it('gets the latest picture of every camera, bounded, and does not slow others down', async () => {
    const [slow, healthy] = [await connect(), await connect()];
    const streams = ids.map((id) => `${id}/low`);
    await watch(slow, ...streams);
    await watch(healthy, ...streams);
    slow.socket.pause();
    const before = streams.map((stream) => proxy.acknowledged(stream));
    const rounds = 60;
    for (let round = 1; round <= rounds; round++) {
      for (const stream of streams)
        proxy.picture(stream, Buffer.concat([Buffer.from(`${round}.`), Buffer.alloc(50_000)]));
      // Three cameras at a time, as fast as the healthy client reads.
      await eventually(() => expect(healthy.pictures).toHaveLength(3 * round));
    }
    const acknowledged = () =>
      streams.map((stream, index) => proxy.acknowledged(stream) - (before[index] ?? 0));
    await eventually(() => expect(acknowledged()).toEqual([rounds, rounds, rounds]));
    expect(slow.pictures).toEqual([]);
    slow.socket.resume();
    const last = (viewer: Viewer) =>
      ids.map((id) => viewer.pictures.findLast((text) => text.startsWith(id))?.split('.')[0]);
    await eventually(() => expect(last(slow)).toEqual(ids.map((id) => `${id}: ${rounds}`)));
    // 128 KiB were unread, and then the latest picture of each.
    expect(slow.pictures.length).toBeLessThan(10);
  });
});

describe('rights on one connection for many cameras', () => {
  it('answers for a hidden camera as for an absent one, and records the attempt', async () => {
    const viewer = await connect(await api.signIn('guest', password));
    viewer.send({ type: 'watch', cameraId: 'yard', quality: 'low' });
    viewer.send({ type: 'watch', cameraId: 'gone', quality: 'low' });
    await eventually(() => expect(errorsOf(viewer)).toHaveLength(2));
    const [hidden, absent] = errorsOf(viewer).map((message) => JSON.stringify(message));
    expect(hidden?.replaceAll('yard', 'gone')).toBe(absent);
    expect(absent).toContain('camera-not-found');
    await eventually(async () =>
      expect(await refusalsOf('guest')).toMatchObject([{ action: 'followCameras', cameraId: 'yard' }]),
    );
  });

  it('ends a camera within a second after the right to it ends, and applies new rights', async () => {
    const viewer = await connect(await api.signIn('guest', password));
    await watch(viewer, 'door/low', 'hall/low');
    await setGrants(on('hall', 'yard'));
    const revokedMs = performance.now();
    await eventually(() =>
      expect(errorsOf(viewer)).toMatchObject([
        { cameraId: 'door', code: 'camera-not-found', isWatched: false },
      ]),
    );
    expect(performance.now() - revokedMs).toBeLessThan(1000);
    await watch(viewer, 'yard/low');
    await eventually(() => expect(proxy.open()).toEqual(['hall/low', 'yard/low']));
    await setGrants(on('door', 'hall'));
  });

  it('is closed when the session ends, also while it watches nothing', async () => {
    const guest = await api.signIn('guest', password);
    const [idle, watching] = [await connect(guest), await connect(guest)];
    await watch(watching, 'door/low');
    await api.call('DELETE', operationPath('deleteSession'), undefined, guest);
    expect(await Promise.all([idle.closed, watching.closed])).toMatchObject([{ code: 4401 }, { code: 4401 }]);
  });

  it('accepts an API token in the first message, and nothing else', async () => {
    const body = { name: 'wall', permissions: ['camera.view'], scope: { kind: 'cameras', ids: ['door'] } };
    const { secret: token } = await succeed('POST', 'createToken', body);
    const viewer = await connect({});
    viewer.send({ type: 'auth', token });
    viewer.send({ type: 'watch', cameraId: 'hall', quality: 'low' });
    await watch(viewer, 'door/low');
    expect(errorsOf(viewer)).toMatchObject([{ cameraId: 'hall', code: 'camera-not-found' }]);
    for (const first of [{ type: 'auth', token: 'forged' }, { type: 'ping' }]) {
      const refused = await connect({});
      refused.send(first);
      expect(await refused.closed).toEqual({ code: 4401, reason: 'unauthenticated' });
    }
    await expect(connect({ authorization: 'Bearer forged' })).rejects.toThrow('401');
    await eventually(async () =>
      expect(await refusalsOf(null)).toContainEqual(expect.objectContaining({ action: 'followCameras' })),
    );
    await expect(connect({ ...admin, origin: 'https://evil.example' })).rejects.toThrow('403');
  });
});
