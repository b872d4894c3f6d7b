import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { operationPath, operations } from '@camplane/contracts/operations';
import { startAccessSuite } from '../testing/access-suite.ts';
import type { AccessSuite } from '../testing/access-suite.ts';
import { eventually } from '../testing/running-api.ts';
import type { RunningApi } from '../testing/running-api.ts';

jest.setTimeout(60_000);

const tokens = operations.createToken.path;
const users = operations.createUser.path;
const session = operations.readSession.path;
const viewing = { name: 'nvr', permissions: ['camera.view'], scope: { kind: 'all' } };
const password = 'several unrelated words';

let suite: AccessSuite;
let api: RunningApi;
let admin: { cookie: string };

beforeAll(async () => {
  suite = await startAccessSuite();
});
beforeEach(async () => {
  api = await suite.start();
  admin = await api.signIn();
});
afterEach(() => suite.stopApis());
afterAll(() => suite.stop());

type Created = { secret: string; token: { id: string } };

async function createToken(body: object, headers: Record<string, string> = admin) {
  const answer = await api.call('POST', tokens, body, headers);
  expect(answer.status).toBe(201);
  const { secret, token } = answer.body as Created;
  return { secret, id: token.id, headers: { authorization: `Bearer ${secret}` } };
}

async function addViewer(username: string, scope: object): Promise<{ cookie: string }> {
  const body = { username, password, grants: [{ role: 'viewer', scope }] };
  expect((await api.call('POST', users, body, admin)).status).toBe(201);
  return api.signIn(username, password);
}

const call = (headers: Record<string, string>, method = 'GET', path: string = session, body?: unknown) =>
  api.call(method, path, body, headers);

describe('an API token', () => {
  it('is shown once, authenticates, and shows its last use', async () => {
    const { secret, headers } = await createToken(viewing);
    expect(secret).toMatch(/^cpl_[\w-]{43}$/);
    const answer = await call(headers);
    expect(answer.body).toMatchObject({ method: 'token', username: 'admin', expiresAt: null });
    expect(answer.body.rights).toEqual([{ permissions: ['camera.view'], scope: { kind: 'all' } }]);
    const listed = await call(admin, 'GET', tokens);
    expect(listed.body.items).toMatchObject([{ name: 'nvr', lastUsedAt: expect.any(String) }]);
    expect(JSON.stringify(listed.body)).not.toContain(secret.slice(4));
    expect((await call({ authorization: `bEARER ${secret}` })).status).toBe(200);
  });

  it('reads the metrics, which answer 401 without one', async () => {
    const { headers } = await createToken(viewing);
    const read = await call(headers, 'GET', '/metrics');
    expect([read.status, String(read.body).includes('camplane_control_cameras')]).toEqual([200, true]);
    const statusOf = async (sent: Record<string, string>) => (await call(sent, 'GET', '/metrics')).status;
    for (const sent of [{}, { authorization: 'Bearer cpl_x' }, { cookie: 'camplane-session=x' }]) {
      expect(await statusOf(sent)).toBe(401);
    }
    const { body } = await call(headers, 'GET', '/metrics');
    expect(body).toMatch(/^camplane_refused_requests_total\{.*endpoint="metrics".*\} 3$/m);
    expect((await call({}, 'GET', '/healthz')).status).toBe(200);
  });

  it('is refused when it is unknown, revoked or expired', async () => {
    const expiresAt = new Date(Date.now() + 3600_000).toISOString();
    const [kept, revoked, expiring] = [
      await createToken(viewing),
      await createToken(viewing),
      await createToken({ ...viewing, expiresAt }),
    ];
    const changes: number[] = [];
    api.api.access.onChange(() => changes.push(Date.now()));
    expect((await call(admin, 'DELETE', operationPath('revokeToken', { id: revoked.id }))).status).toBe(204);
    expect(changes.length).toBeGreaterThan(0);
    expect((await call(expiring.headers)).status).toBe(200);
    const notified = changes.length;
    suite.pass(3600_000);
    for (const headers of [revoked.headers, expiring.headers, { authorization: 'Bearer cpl_unknown' }]) {
      const answer = await call(headers);
      expect([answer.status, answer.body.code]).toEqual([401, 'unauthenticated']);
    }
    expect((await call(kept.headers)).status).toBe(200);
    // Those with a stream open follow the expiry too.
    await eventually(() => expect(changes.length).toBeGreaterThan(notified), 2_000);
    expect(api.api.access.principalOfToken(kept.secret)).toMatchObject({ kind: 'user', username: 'admin' });
    expect(api.api.access.principalOfToken(expiring.secret)).toBeNull();
  });

  it('has at most the rights of its user, also of those that change later', async () => {
    const viewer = await addViewer('anna', { kind: 'cameras', ids: ['a'] });
    const permissions = ['camera.view', 'camera.configure', 'user.manage'];
    const { headers, secret } = await createToken({ ...viewing, permissions }, viewer);
    expect((await call(headers)).body.rights).toEqual([
      { permissions: ['camera.view'], scope: { kind: 'cameras', ids: ['a'] } },
    ]);
    expect((await call(headers, 'GET', users)).status).toBe(403);
    const { id } = (await call(admin, 'GET', users)).body.items[1];
    await call(admin, 'PUT', operationPath('replaceUser', { id }), { grants: [] });
    expect((await call(headers)).body.rights).toEqual([]);
    await call(admin, 'PUT', operationPath('replaceUser', { id }), { enabled: false });
    expect((await call(headers)).status).toBe(401);
    expect(api.api.access.principalOfToken(secret)).toBeNull();
  });

  it('cannot create tokens, change the password or sign out', async () => {
    const { headers } = await createToken({ ...viewing, permissions: ['user.manage'] });
    const change = { currentPassword: password, newPassword: password };
    for (const [method, path, body] of [
      ['POST', tokens, viewing],
      ['POST', operations.changePassword.path, change],
      ['DELETE', session, undefined],
    ] as const) {
      const answer = await call(headers, method, path, body);
      expect([answer.status, answer.body.code]).toEqual([403, 'forbidden']);
    }
  });

  it('of another user looks absent, except to those who manage users', async () => {
    const [anna, ben] = [await addViewer('anna', { kind: 'all' }), await addViewer('ben', { kind: 'all' })];
    const { id } = await createToken(viewing, anna);
    expect((await call(ben, 'GET', tokens)).body.items).toEqual([]);
    const [foreign, absent] = [
      await call(ben, 'DELETE', operationPath('revokeToken', { id })),
      await call(ben, 'DELETE', operationPath('revokeToken', { id: id.replace(/^./, 'f') })),
    ];
    expect([foreign.status, foreign.body.code]).toEqual([404, 'token-not-found']);
    expect(absent.body.detail).toBe(String(foreign.body.detail).replace(id, id.replace(/^./, 'f')));
    expect((await call(admin, 'GET', tokens)).body.items).toMatchObject([{ id }]);
    expect((await call(admin, 'DELETE', operationPath('revokeToken', { id }))).status).toBe(204);
  });

  it.each([
    [{ ...viewing, expiresAt: '2001-01-01T00:00:00Z' }, 'expiresAt'],
    [{ ...viewing, permissions: [] }, 'permissions'],
    [{ ...viewing, name: 'a\u0000b' }, 'name'],
    [{ ...viewing, scope: { kind: 'cameras', ids: [] } }, 'scope.ids'],
  ])('is not created from %j', async (body, path) => {
    const answer = await call(admin, 'POST', tokens, body);
    expect([answer.status, answer.body.errors[0].path]).toEqual([400, path]);
  });

  it('survives a restart, and a revoked one stays revoked', async () => {
    const databaseUrl = await suite.newDatabase();
    const first = await suite.start({ databaseUrl });
    const own = await first.signIn();
    const [kept, revoked] = [
      (await first.call('POST', tokens, viewing, own)).body as Created,
      (await first.call('POST', tokens, viewing, own)).body as Created,
    ];
    await first.call('DELETE', operationPath('revokeToken', { id: revoked.token.id }), undefined, own);
    await first.stop();
    const { access } = (await suite.start({ databaseUrl })).api;
    expect(access.principalOfToken(kept.secret)).toMatchObject({ username: 'admin' });
    expect(access.principalOfToken(revoked.secret)).toBeNull();
  });

  it('is accepted while the database is unreachable', async () => {
    const { headers } = await createToken(viewing);
    await suite.postgres.kill();
    try {
      expect((await call(headers)).status).toBe(200);
      expect((await call({ authorization: 'Bearer cpl_unknown' })).status).toBe(401);
    } finally {
      await suite.postgres.restart();
    }
  });
});
