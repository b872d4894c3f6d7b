/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access --
   tests access JSON without types */
import type { CameraChange } from '@camplane/contracts/camera';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { operations } from '@camplane/contracts/operations';
import { camerasArePatched } from './patch-suite.ts';
import { camerasAreStreams } from './stream-suite.ts';
import { statusOf } from './status-of.ts';
import { eventually, runApi } from './running-api.ts';
import type { RunningApi, RunningApiConfig, RunningApiOptions } from './running-api.ts';

/** The configuration of a control-api for one store of cameras; a restart with it finds the same cameras. */
export type CameraPlace = { config: RunningApiConfig; options?: RunningApiOptions };

export type CameraAdapter<P extends CameraPlace> = {
  /** As in "cameras in …". */
  name: string;
  /** An empty store. */
  newPlace(): Promise<P>;
  /** Makes stored cameras invalid, without control-api. Their text contains `canary`. */
  damage(place: P, ids: string[], canary: string): Promise<void>;
};

const cameras = operations.listCameras.path;
const source = { url: 'rtsp://192.0.2.10:554/stream1' };
const canary = 'canary-7f3a-password';
const withLogin = { ...source, credentials: { username: 'viewer', password: canary } };

/** The behaviour of cameras over HTTP, for every store. */
export function describeCameras<P extends CameraPlace>(adapter: CameraAdapter<P>): void {
  describe(`cameras in ${adapter.name}`, () => camerasAreKept(adapter));
}

function camerasAreKept<P extends CameraPlace>({ newPlace, damage }: CameraAdapter<P>): void {
  const running: RunningApi[] = [];
  /** Shared by most tests, because opening a database takes a second. */
  let shared: RunningApi;

  const run = ({ config, options }: CameraPlace, changes: Partial<RunningApiConfig> = {}) =>
    runApi({ ...config, ...changes }, undefined, options);

  beforeAll(async () => {
    shared = await run(await newPlace(), { limits: { writesPerMinute: 10_000 } });
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((api) => api.stop()));
  });
  afterAll(() => shared.stop());

  const empty = async (): Promise<RunningApi> => {
    for (const { id } of await shared.api.registry.list()) await shared.api.registry.remove(id);
    return shared;
  };

  const start = async (changes: Partial<RunningApiConfig> = {}, place?: P): Promise<RunningApi> => {
    const api = await run(place ?? (await newPlace()), changes);
    running.push(api);
    return api;
  };

  camerasAreStreams(empty);
  camerasArePatched(empty);

  it('are created, read, listed, replaced and deleted', async () => {
    const { call } = await empty();
    const created = await call('POST', cameras, { id: 'front-door', displayName: 'Front door', source });
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe(`${cameras}/front-door`);
    expect((await call('GET', `${cameras}/front-door`)).body).toEqual(created.body);
    expect((await call('GET', cameras)).body.items).toEqual([created.body]);

    const replaced = await call('PUT', `${cameras}/front-door`, { displayName: 'Gate', source });
    expect(replaced.status).toBe(200);
    expect(replaced.body.displayName).toBe('Gate');
    expect(replaced.body.createdAt).toBe(created.body.createdAt);

    expect((await call('DELETE', `${cameras}/front-door`)).status).toBe(204);
    expect((await call('GET', `${cameras}/front-door`)).body.code).toBe('camera-not-found');
    expect((await call('GET', cameras)).body.items).toEqual([]);
  });

  it('have the documented defaults', async () => {
    const { call } = await empty();
    const { body } = await call('POST', cameras, { id: 'a', source });
    expect(body).toMatchObject({
      displayName: '',
      enabled: true,
      source: { ...source, subUrl: null, transport: 'tcp', hasCredentials: false },
      video: { mode: 'copy', overlay: { timestamp: true, boxes: true, privacyMasks: [] } },
      audio: { enabled: false },
      lifecycle: { start: 'Always', idleSeconds: 30 },
      frames: { fps: 2, width: 640, quality: 80 },
      detection: { enabled: true, detectors: ['motion', 'person'], minConfidence: 0.5, zones: [] },
      homekit: { enabled: false },
    });
  });

  it('have labels, which a PUT without labels keeps', async () => {
    const { call } = await empty();
    const created = await call('POST', cameras, { id: 'a', source, labels: { site: 'north', note: '' } });
    expect(created.body.labels).toEqual({ site: 'north', note: '' });
    const put = async (body: object): Promise<unknown> =>
      (await call('PUT', `${cameras}/a`, { source, ...body })).body.labels;
    expect(await put({ displayName: 'Gate' })).toEqual({ site: 'north', note: '' });
    expect(await put({ labels: { site: 'south' } })).toEqual({ site: 'south' });
    expect((await call('GET', `${cameras}/a`)).body.labels).toEqual({ site: 'south' });
    expect(await put({ labels: {} })).toEqual({});
    const tooMany = Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`k${index}`, '']));
    for (const labels of [tooMany, { 'example.com/site': 'a' }, { site: 'not a value' }]) {
      expect((await call('PUT', `${cameras}/a`, { source, labels })).body.code).toBe('invalid-body');
    }
  });

  it('never show their credentials in a response or in the log', async () => {
    const api = await empty();
    const answers = [
      await api.call('POST', cameras, { id: 'a', source: withLogin }),
      await api.call('POST', cameras, { id: 'a', source: withLogin }),
      await api.call('GET', `${cameras}/a`),
      await api.call('GET', cameras),
      await api.call('GET', `${cameras}/a/combined`),
      await api.call('GET', `${cameras}/a/status`),
      await api.call('PUT', `${cameras}/a`, { source: { ...withLogin, url: 'gopher://x' } }),
      await api.call('PUT', `${cameras}/a`, `{"source": {"password": "${canary}"`),
      await api.call('GET', '/metrics'),
    ];
    expect(answers[2]?.body.source).toEqual({
      ...source,
      subUrl: null,
      transport: 'tcp',
      hasCredentials: true,
    });
    expect(JSON.stringify(answers)).not.toContain(canary);
    expect(api.logged()).not.toContain(canary);
    expect((await api.api.registry.get('a'))?.credentials?.password).toBe(canary);
  });

  it('keep, remove or replace their credentials as the body of a PUT requests', async () => {
    const { call, api } = await empty();
    await call('POST', cameras, { id: 'a', source: withLogin });
    const stored = async () => (await api.registry.get('a'))?.credentials ?? null;

    await call('PUT', `${cameras}/a`, { source: { url: 'rtsp://192.0.2.10/other' } });
    expect(await stored()).toEqual(withLogin.credentials);
    const other = { username: 'u', password: 'p' };
    await call('PUT', `${cameras}/a`, { source: { ...source, credentials: other } });
    expect(await stored()).toEqual(other);
    await call('PUT', `${cameras}/a`, { source: { ...source, credentials: null } });
    expect(await stored()).toBeNull();
  });

  it.each([
    { url: 'rtsp://192.0.2.99:554/stream1' },
    { url: 'rtsp://192.0.2.10:555/stream1' },
    { url: 'rtsps://192.0.2.10:554/stream1' },
    { url: source.url, subUrl: 'rtsp://192.0.2.99:554/stream2' },
  ])('do not send stored credentials to another host: $url $subUrl', async (elsewhere) => {
    const { call, api } = await empty();
    await call('POST', cameras, { id: 'a', source: withLogin });
    const refused = await call('PUT', `${cameras}/a`, { source: elsewhere });
    expect(refused.status).toBe(400);
    expect(refused.body.errors).toEqual([
      { path: 'source.credentials', message: expect.stringContaining('must be sent again (or null)') },
    ]);
    expect((await api.registry.get('a'))?.spec.source.url).toBe(source.url);
    const allowed = await call('PUT', `${cameras}/a`, { source: { ...elsewhere, credentials: null } });
    expect(allowed.status).toBe(200);
  });

  it.each([
    [{ id: 'a', source, colour: 'red' }, 'colour'],
    [{ id: 'a', source: { ...source, pasword: 'x' } }, 'source.pasword'],
    [{ id: 'a', source, video: { mode: 'copy', overlay: { box: true } } }, 'video.overlay.box'],
    [{ id: 'A B', source }, 'id'],
    [{ id: 'a'.repeat(64), source }, 'id'],
    [{ source }, 'id'],
    [{ id: 'a' }, 'source'],
    [{ id: 'a', source: { url: 'ftp://x/y' } }, 'source.url'],
    [{ id: 'a', source: { url: 'rtsp://user:secret@192.0.2.1/' } }, 'source.url'],
    [{ id: 'a', source, displayName: 'x'.repeat(129) }, 'displayName'],
    [{ id: 'a', source, displayName: 'a\0b' }, 'displayName'],
    [{ id: 'a', source, displayName: 'a\ud800b' }, 'displayName'],
    [{ id: 'a', source, enabled: 'yes' }, 'enabled'],
    [{ id: 'a', source, frames: { fps: 31 } }, 'frames.fps'],
    [{ id: 'a', source, createdAt: '2026-01-01T00:00:00Z' }, 'createdAt'],
    [
      { id: 'a', source: { ...source, credentials: { username: 'u'.repeat(257), password: '' } } },
      'source.credentials.username',
    ],
    [[], '(body)'],
    ['"text"', '(body)'],
    ['null', '(body)'],
    ['7', '(body)'],
    ['{"__proto__": {"enabled": false}, "id": "a", "source": {"url": "test:testsrc2"}}', '__proto__'],
  ])('refuse by name what is wrong in %j', async (body, field) => {
    const { call } = await empty();
    const refused = await call('POST', cameras, body);
    expect(refused.status).toBe(400);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(refused.body.code).toBe('invalid-body');
    expect((refused.body.errors as { path: string }[]).map((error) => error.path)).toContain(field);
    expect((await call('GET', cameras)).body.items).toEqual([]);
  });

  it('refuse a duplicate id and a camera above the limit', async () => {
    const { call } = await start({ maxCameras: 2 });
    await call('POST', cameras, { id: 'a', source });
    const again = await call('POST', cameras, { id: 'a', source });
    expect([again.status, again.body.code]).toEqual([409, 'camera-exists']);
    const answers = await Promise.all(['b', 'c', 'd'].map((id) => call('POST', cameras, { id, source })));
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409, 409]);
    expect(answers.find((answer) => answer.status === 409)?.body.code).toBe('camera-limit');
  });

  it('survive a restart', async () => {
    const place = await newPlace();
    const first = await start({}, place);
    await first.call('POST', cameras, { id: 'kept', source: withLogin, enabled: false });
    const before = (await first.call('GET', `${cameras}/kept`)).body;
    await first.stop();
    const second = await start({}, place);
    expect((await second.call('GET', `${cameras}/kept`)).body).toEqual(before);
    expect((await second.api.registry.get('kept'))?.credentials).toEqual(withLogin.credentials);
  });

  it('notify subscribers of every change, with an increasing generation', async () => {
    const { call, api } = await empty();
    const changes: CameraChange[] = [];
    const unsubscribe = api.registry.subscribe((change) => changes.push(change));
    await call('POST', cameras, { id: 'a', source, enabled: false });
    await call('PUT', `${cameras}/a`, { source, enabled: false });
    await call('PUT', `${cameras}/a`, { source, enabled: false, displayName: 'new' });
    await call('POST', `${cameras}/a/start`);
    await call('DELETE', `${cameras}/a`);
    unsubscribe();
    await call('POST', cameras, { id: 'b', source });
    const notified = changes.map((change) =>
      change.type === 'removed'
        ? change
        : { enabled: change.camera.spec.enabled, generation: change.camera.generation },
    );
    expect(notified).toEqual([
      { enabled: false, generation: 1 },
      { enabled: false, generation: 2 },
      { enabled: true, generation: 3 },
      { enabled: false, generation: 4 },
      { type: 'removed', id: 'a' },
    ]);
  });

  it('skip and log an invalid stored camera, which can be replaced or deleted', async () => {
    const place = await newPlace();
    const first = await start({}, place);
    for (const id of ['good', 'bad', 'worse']) await first.call('POST', cameras, { id, source: withLogin });
    await first.stop();
    await damage(place, ['bad', 'worse'], canary);
    const second = await start({}, place);
    const { body } = await second.call('GET', cameras);
    expect((body.items as { id: string }[]).map((item) => item.id)).toEqual(['good']);
    expect((await second.call('GET', `${cameras}/bad`)).status).toBe(404);
    expect(second.logged()).toContain('"camera":"bad"');
    expect(second.logged()).not.toContain(canary);
    expect((await second.call('POST', `${cameras}/bad/start`)).status).toBe(500);
    expect(
      (await second.call('PUT', `${cameras}/bad`, { source: { ...source, credentials: null } })).status,
    ).toBe(200);
    expect((await second.call('GET', `${cameras}/bad`)).status).toBe(200);
    expect((await second.call('DELETE', `${cameras}/worse`)).status).toBe(204);
  });

  it('lose no change of many concurrent ones', async () => {
    const { call, api } = await empty();
    await call('POST', cameras, { id: 'a', source });
    const names = Array.from({ length: 20 }, (_, index) => `name ${index}`);
    const answers = await Promise.all(
      names.map((displayName) => call('PUT', `${cameras}/a`, { source, displayName })),
    );
    expect(answers.every((answer) => answer.status === 200)).toBe(true);
    expect((await api.registry.get('a'))?.generation).toBe(21);
  });

  it('are stopped before they are deleted, and a late status does not restore them', async () => {
    const api = await start({ limits: { stopWaitMs: 20_000 } });
    await api.call('POST', cameras, { id: 'a', source });
    await api.publish(statusOf('a'));
    await eventually(async () => {
      expect((await api.call('GET', `${cameras}/a/status`)).body.phase).toBe('RUNNING');
    });
    const order: string[] = [];
    api.api.registry.subscribe((change) => {
      order.push(change.type === 'removed' ? 'removed' : `enabled=${change.camera.spec.enabled}`);
      if (change.type === 'changed') {
        void api.publish(statusOf('a', { phase: 'STOPPED' })).then(() => order.push('stopped'));
      }
    });
    expect((await api.call('DELETE', `${cameras}/a`)).status).toBe(204);
    expect(order).toEqual(['enabled=false', 'stopped', 'removed']);
    await api.publish(statusOf('a'));
    await api.publish(statusOf('a'));
    expect((await api.call('GET', `${cameras}/a/status`)).status).toBe(404);
    expect((await api.call('GET', `${cameras}/status/all`)).body.items).toEqual([]);
  });

  it('are deleted after the maximum wait if no stop is reported', async () => {
    const { call, publish } = await start({ limits: { stopWaitMs: 200 } });
    await call('POST', cameras, { id: 'a', source });
    await publish(statusOf('a'));
    expect((await call('DELETE', `${cameras}/a`)).status).toBe(204);
  });

  it('can be started and stopped', async () => {
    const { call, api, publish } = await empty();
    await call('POST', cameras, { id: 'a', source });
    const stopped = await call('POST', `${cameras}/a/stop`);
    expect([stopped.status, stopped.body.phase]).toEqual([202, 'STOPPED']);
    await publish(
      statusOf('a', { phase: 'STOPPED', lastHeartbeat: new Date(Date.now() - 1000).toISOString() }),
    );
    const started = await call('POST', `${cameras}/a/start`);
    expect([started.status, started.body.phase]).toEqual([202, 'STARTING']);
    const camera = await api.registry.get('a');
    expect(camera?.spec.enabled).toBe(true);
    expect(Date.parse(camera?.startRequestedAt ?? '')).toBeGreaterThan(Date.now() - 60_000);
    expect((await call('POST', `${cameras}/nobody/start`)).body.code).toBe('camera-not-found');
    expect((await call('POST', `${cameras}/nobody/stop`)).body.code).toBe('camera-not-found');
  });
}
