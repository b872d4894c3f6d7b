import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Grant } from '@camplane/contracts/access';
import { operationPath, operations } from '@camplane/contracts/operations';
import { detectionsTopic } from '@camplane/contracts/topics';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { startAccessSuite } from '../testing/access-suite.ts';
import type { AccessSuite } from '../testing/access-suite.ts';
import { resultOf } from '../testing/result-of.ts';
import { eventually } from '../testing/running-api.ts';
import type { RunningApi } from '../testing/running-api.ts';
import { statusOf } from '../testing/status-of.ts';

jest.setTimeout(60_000);

const source = { url: 'rtsp://192.0.2.10/a' };
const password = 'events of some cameras';
const hourMs = 3600_000;

let suite: AccessSuite;
let api: RunningApi;
let admin: { cookie: string };
let userId: string;
let viewer: { cookie: string };
const sockets: WebSocket[] = [];

beforeAll(async () => {
  suite = await startAccessSuite();
});
beforeEach(async () => {
  api = await suite.start();
  admin = await api.signIn();
  for (const id of ['door', 'yard']) await change('POST', operationPath('createCamera'), { id, source });
  const body = { username: 'guest', password, grants: [on('door')] };
  const created: { status: number; body: unknown } = await api.call(
    'POST',
    operationPath('createUser'),
    body,
    admin,
  );
  expect(created.status).toBe(201);
  userId = (created.body as { id: string }).id;
  viewer = await api.signIn('guest', password);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await suite.stopApis();
});
afterAll(() => suite.stop());

const on = (...ids: string[]): Grant => ({ role: 'viewer', scope: { kind: 'cameras', ids } });

async function change(method: string, path: string, body?: unknown, headers = admin): Promise<void> {
  expect((await api.call(method, path, body, headers)).status).toBeLessThan(300);
}

const setGrants = (grants: Grant[], enabled = true): Promise<void> =>
  change('PUT', operationPath('replaceUser', { id: userId }), { enabled, grants });

type Follower = { socket: WebSocket; received: string[]; closed: Promise<number> };

async function follow(headers: Record<string, string> = viewer, query = ''): Promise<Follower> {
  const address = `${api.url.replace('http', 'ws')}${operations.followEvents.path}${query}`;
  const socket = new WebSocket(address, { headers });
  sockets.push(socket);
  const received: string[] = [];
  socket.on('message', (data: Buffer) => {
    const { type, cameraId = '' } = JSON.parse(data.toString('utf8')) as { type: string; cameraId?: string };
    received.push(`${type} ${cameraId}`.trim());
  });
  const closed = once(socket, 'close').then(([code]) => Number(code));
  await once(socket, 'open');
  return { socket, received, closed };
}

/** Waits until everything that was sent before has arrived. */
async function settle({ socket, received }: Follower): Promise<string[]> {
  const pongs = received.filter((type) => type === 'pong').length;
  socket.send(JSON.stringify({ type: 'ping' }));
  await eventually(() => expect(received.filter((type) => type === 'pong')).toHaveLength(pongs + 1));
  return received.filter((type) => type !== 'pong');
}

describe('an event client', () => {
  it('gains and loses cameras while it is connected, as its grants change', async () => {
    const client = await follow();
    expect(await settle(client)).toEqual(['stream:status door']);
    await setGrants([on('door', 'yard')]);
    await eventually(() => expect(client.received).toContain('stream:status yard'));
    await setGrants([on('yard')]);
    await eventually(() => expect(client.received).toContain('stream:removed door'));
    client.received.length = 0;
    await api.publish(statusOf('door', { phase: 'ERROR' }));
    await api.publish(statusOf('yard', { phase: 'ERROR' }));
    await eventually(() => expect(client.received).toContain('stream:status yard'));
    expect(await settle(client)).toEqual(['stream:status yard']);
  });

  it('follows the labels of cameras', async () => {
    await setGrants([{ role: 'viewer', scope: { kind: 'label', key: 'site', value: 'north' } }]);
    const client = await follow();
    expect(await settle(client)).toEqual([]);
    const relabel = (labels: object) =>
      change('PUT', operationPath('replaceCamera', { id: 'yard' }), { source, labels });
    await relabel({ site: 'north' });
    await eventually(() => expect(client.received).toContain('stream:status yard'));
    await relabel({});
    await eventually(() => expect(client.received).toContain('stream:removed yard'));
  });

  it('receives detections with detection.view alone', async () => {
    await change('PUT', operationPath('replaceRole', { id: 'watcher' }), { permissions: ['camera.view'] });
    await setGrants([{ role: 'watcher', scope: { kind: 'all' } }]);
    const [client, witness] = [await follow(), await follow(admin)];
    await api.bus.publish(detectionsTopic, 'door', resultOf('door'));
    await eventually(() => expect(witness.received).toContain('detection door'));
    expect(await settle(client)).not.toContain('detection door');
  });

  it('cannot tell a hidden camera from an absent one', async () => {
    const answers = await Promise.all(
      ['yard', 'none'].map(async (id) => {
        const client = await follow(viewer, `?cameraId=${id}`);
        client.socket.send(JSON.stringify({ type: 'subscribe', cameraIds: [id] }));
        await api.publish(statusOf('yard', { phase: 'ERROR', reason: id }));
        return settle(client);
      }),
    );
    expect(answers).toEqual([['subscribed'], ['subscribed']]);
  });

  it.each([
    ['its user is disabled', () => setGrants([on('door')], false)],
    ['its user is deleted', () => change('DELETE', operationPath('deleteUser', { id: userId }))],
    ['it signs out', () => change('DELETE', operationPath('deleteSession'), undefined, viewer)],
    [
      'the password is reset',
      () =>
        change('POST', operationPath('resetPassword', { id: userId }), { password: `another ${password}` }),
    ],
  ])('is disconnected with 4401 within 2 s once %s', async (_when, end) => {
    const client = await follow();
    await end();
    const since = Date.now();
    expect(await client.closed).toBe(4401);
    expect(Date.now() - since).toBeLessThan(2000);
  });

  it('is disconnected with 4401 once its token expires', async () => {
    const expiresAt = new Date(Date.now() + hourMs).toISOString();
    const body = { name: 'wall', permissions: ['camera.view'], scope: { kind: 'all' }, expiresAt };
    const created: { body: unknown } = await api.call('POST', operationPath('createToken'), body, viewer);
    const authorization = `Bearer ${(created.body as { secret: string }).secret}`;
    const client = await follow({ authorization });
    expect(await settle(client)).toEqual(['stream:status door']);
    suite.pass(hourMs);
    expect(await client.closed).toBe(4401);
  });
});

describe('the audit log', () => {
  it('has refusals and changes of cameras, with who, what, where and with which credential', async () => {
    const call = (method: string, path: string, headers: Record<string, string>) =>
      api.call(method, path, undefined, headers);
    await call('GET', operationPath('readCamera', { id: 'yard' }), viewer);
    await call('DELETE', operationPath('deleteCamera', { id: 'door' }), viewer);
    await call('GET', operationPath('listUsers'), viewer);
    await call('GET', operationPath('listCameras'), { authorization: 'Bearer cpl_unknown' });
    await call('DELETE', operationPath('deleteCamera', { id: 'yard' }), admin);
    await eventually(async () => {
      const path = `${operationPath('listAudit')}?limit=500`;
      const answer: { body: unknown } = await api.call('GET', path, undefined, admin);
      const { items } = answer.body as { items: Record<string, unknown>[] };
      const known = (entry: object) =>
        expect(items).toContainEqual(expect.objectContaining({ address: '127.0.0.1', ...entry }));
      const guest = { username: 'guest', method: 'session', credentialId: expect.any(String) };
      known({ ...guest, action: 'readCamera', outcome: 'refused', cameraId: 'yard' });
      known({ ...guest, action: 'deleteCamera', outcome: 'refused', cameraId: 'door' });
      known({
        ...guest,
        action: 'listUsers',
        outcome: 'refused',
        detail: expect.stringContaining('user.manage'),
      });
      known({ method: 'anonymous', action: 'listCameras', outcome: 'refused', username: null });
      known({ username: 'admin', action: 'deleteCamera', outcome: 'allowed', cameraId: 'yard' });
    });
  });
});
