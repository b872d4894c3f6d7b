import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { operationPath, operations } from '@camplane/contracts/operations';
import { startAccessSuite } from '../testing/access-suite.ts';
import type { AccessSuite } from '../testing/access-suite.ts';
import { adminPassword, eventually } from '../testing/running-api.ts';
import type { Answer, RunningApi } from '../testing/running-api.ts';

jest.setTimeout(60_000);

const users = operations.createUser.path;
const roles = operations.listRoles.path;
const session = operations.readSession.path;
const password = 'several unrelated words';
const everywhere = { kind: 'all' };
const administrator = { role: 'admin', scope: everywhere };

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

const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = admin) =>
  api.call(method, path, body, headers);
const problemOf = ({ status, body }: Answer): unknown[] => [status, body.code];

async function addUser(username: string, grants: object[] = []): Promise<string> {
  const answer = await call('POST', users, { username, password, grants });
  expect(answer.status).toBe(201);
  return answer.body.id as string;
}
const pathOf = (id: string): string => operationPath('readUser', { id });
const passwordPathOf = (id: string): string => operationPath('resetPassword', { id });
const rolePathOf = (name: string): string => operationPath('replaceRole', { id: name });
const idOfAdmin = async (): Promise<string> => (await call('GET', session)).body.userId as string;

describe('a user', () => {
  it('is created, read, replaced and deleted', async () => {
    const grants = [{ role: 'viewer', scope: { kind: 'cameras', ids: ['front-door'] } }];
    const created = await call('POST', users, { username: 'anna', password, displayName: 'Anna', grants });
    expect(created.status).toBe(201);
    const expected = { username: 'anna', displayName: 'Anna', enabled: true, grants, lastLoginAt: null };
    expect(created.body).toMatchObject(expected);
    expect(JSON.stringify(created.body)).not.toMatch(/argon2|passwordHash|password_hash/i);
    const path = created.headers.get('location') ?? '';
    expect((await call('GET', path)).body).toEqual(created.body);

    await api.signIn('anna', password);
    expect((await call('GET', path)).body.lastLoginAt).toEqual(expect.any(String));
    const replaced = await call('PUT', path, { displayName: 'Anna B', grants: [] });
    expect(replaced.body).toMatchObject({ displayName: 'Anna B', grants: [], enabled: true });
    const listed = await call('GET', users);
    expect(listed.body.items).toMatchObject([{ username: 'admin' }, { username: 'anna', grants: [] }]);

    expect((await call('DELETE', path)).status).toBe(204);
    for (const method of ['GET', 'DELETE']) {
      expect(problemOf(await call(method, path))).toEqual([404, 'user-not-found']);
    }
    expect(problemOf(await call('PUT', path, {}))).toEqual([404, 'user-not-found']);
  });

  it('needs a name that no other user has', async () => {
    await addUser('anna');
    expect(problemOf(await call('POST', users, { username: 'anna', password }))).toEqual([
      409,
      'user-exists',
    ]);
  });

  it.each([
    [{ username: 'anna', password: 'short' }, 'password'],
    [{ username: 'anna', password: 'passwordpassword' }, 'password'],
    [{ username: 'anna', password: 'I am anna, hello' }, 'password'],
    [{ username: 'Anna', password }, 'username'],
    [{ username: 'anna', password, displayName: 'a\u0000' }, 'displayName'],
    [{ username: 'anna', password, grants: [{ role: 'absent', scope: everywhere }] }, 'grants.0.role'],
    [{ username: 'anna', password, admin: true }, 'admin'],
  ])('is not created from %j', async (body, path) => {
    const answer = await call('POST', users, body);
    expect([answer.status, answer.body.errors[0].path]).toEqual([400, path]);
  });

  it('is not managed by those without the right', async () => {
    const grants = [
      { role: 'operator', scope: everywhere },
      { role: 'admin', scope: { kind: 'cameras', ids: ['a'] } },
    ];
    const id = await addUser('anna', grants);
    const anna = await api.signIn('anna', password);
    for (const [method, path, body] of [
      ['GET', users],
      ['POST', users, { username: 'eve', password, grants: [administrator] }],
      ['PUT', pathOf(id), { grants: [administrator] }],
      ['DELETE', pathOf(id)],
      ['POST', passwordPathOf(await idOfAdmin()), { password }],
      ['PUT', rolePathOf('mine'), { permissions: ['user.manage'] }],
      ['GET', operations.listAudit.path],
    ] as const) {
      expect(problemOf(await call(method, path, body, anna))).toEqual([403, 'forbidden']);
    }
  });
});

describe('a change of a user', () => {
  /** Whether the principal is still valid, as open connections ask. */
  const principalOf = (cookie: string) =>
    api.api.access.authenticate({ headers: { cookie }, socket: {} } as never);

  it.each([
    ['disabled', (id: string) => call('PUT', pathOf(id), { enabled: false })],
    ['deleted', (id: string) => call('DELETE', pathOf(id))],
    ['given a new password', (id: string) => call('POST', passwordPathOf(id), { password: `${password} 2` })],
  ])('ends the sessions and stops the API tokens at once when it is %s', async (_what, change) => {
    const id = await addUser('anna', [administrator]);
    const { cookie } = await api.signIn('anna', password);
    const body = { name: 'nvr', permissions: ['camera.view'], scope: { kind: 'all' } };
    const token = (await call('POST', operations.createToken.path, body, { cookie })).body.secret as string;
    const bearer = { authorization: `Bearer ${token}` };
    expect((await call('GET', operations.listCameras.path, undefined, bearer)).status).toBe(200);
    const { access } = api.api;
    const principal = principalOf(cookie);
    const seen: unknown[] = [];
    access.onChange(() => seen.push(access.refresh(principal)));
    expect((await change(id)).status).toBeLessThan(300);
    expect(seen.at(-1)).toBeNull();
    expect((await call('GET', session, undefined, { cookie })).status).toBe(401);
    expect((await call('GET', operations.listCameras.path, undefined, bearer)).status).toBe(401);
    await expect(api.signIn('anna', password)).rejects.toThrow('401');
    if (_what !== 'disabled') return;
    await call('PUT', pathOf(id), { enabled: true });
    // The session stays ended.
    expect((await call('GET', session, undefined, { cookie })).status).toBe(401);
  });

  it('changes the rights of open connections at once', async () => {
    const id = await addUser('anna', [administrator]);
    const { cookie } = await api.signIn('anna', password);
    const principal = principalOf(cookie);
    const { access } = api.api;
    const grants = [{ role: 'viewer', scope: { kind: 'cameras', ids: ['a'] } }];
    await call('PUT', pathOf(id), { grants });
    expect(access.refresh(principal)).toMatchObject({
      limits: [[{ scope: { kind: 'cameras', ids: ['a'] } }]],
    });
    expect((await call('GET', users, undefined, { cookie })).status).toBe(403);
  });

  it('is noticed by other replicas within two seconds', async () => {
    const databaseUrl = await suite.newDatabase();
    const [one, other] = [await suite.start({ databaseUrl }), await suite.start({ databaseUrl })];
    const own = await one.signIn();
    const id = (await one.call('GET', session, undefined, own)).body.userId as string;
    expect((await other.call('GET', session, undefined, own)).status).toBe(200);
    await one.call('POST', passwordPathOf(id), { password }, own);
    await eventually(async () => {
      expect((await other.call('GET', session, undefined, own)).status).toBe(401);
    }, 2_000);
  });

  it('never removes the last administrator', async () => {
    const id = await idOfAdmin();
    const lesser = await addUser('anna', [{ role: 'admin', scope: { kind: 'cameras', ids: ['a'] } }]);
    for (const [method, path, body] of [
      ['DELETE', pathOf(id)],
      ['PUT', pathOf(id), { enabled: false, grants: [administrator] }],
      ['PUT', pathOf(id), { grants: [{ role: 'viewer', scope: everywhere }] }],
    ] as const) {
      expect(problemOf(await call(method, path, body))).toEqual([409, 'last-administrator']);
    }
    await call('PUT', pathOf(lesser), { grants: [administrator] });
    expect((await call('DELETE', pathOf(id))).status).toBe(204);
    const anna = await api.signIn('anna', password);
    expect(problemOf(await call('DELETE', pathOf(lesser), undefined, anna))).toEqual([
      409,
      'last-administrator',
    ]);
  });

  it('never removes the last two administrators in two replicas at once', async () => {
    const databaseUrl = await suite.newDatabase();
    const [one, other] = [await suite.start({ databaseUrl }), await suite.start({ databaseUrl })];
    const own = await one.signIn();
    const first = (await one.call('GET', session, undefined, own)).body.userId as string;
    const body = { username: 'anna', password, grants: [administrator] };
    const second = (await one.call('POST', users, body, own)).body.id as string;
    const anna = await other.signIn('anna', password);
    const answers = await Promise.all([
      one.call('DELETE', pathOf(second), undefined, own),
      other.call('DELETE', pathOf(first), undefined, anna),
    ]);
    const statuses = answers.map(({ status }) => status).sort();
    // The second one is refused, or its session has ended already.
    expect(statuses[0]).toBe(204);
    expect([401, 409]).toContain(statuses[1]);
  });

  it('answers 503 while the database is unreachable, and changes nothing', async () => {
    const id = await addUser('anna', [administrator]);
    const anna = await api.signIn('anna', password);
    await suite.postgres.kill();
    try {
      expect(problemOf(await call('DELETE', pathOf(id)))).toEqual([503, 'store-unavailable']);
      expect((await call('GET', session, undefined, anna)).status).toBe(200);
      expect((await call('GET', users)).body.items).toHaveLength(2);
    } finally {
      await suite.postgres.restart();
    }
    await eventually(async () => expect((await call('DELETE', pathOf(id))).status).toBe(204));
    expect((await call('GET', session, undefined, anna)).status).toBe(401);
  });
});

describe('a role', () => {
  it('is added, granted, changed for those who have it, and deleted', async () => {
    const added = await call('PUT', rolePathOf('guard'), { permissions: ['camera.view', 'camera.view'] });
    expect(added.body).toEqual({ name: 'guard', permissions: ['camera.view'], builtIn: false });
    const named = ['viewer', 'operator', 'admin', 'guard'].map((name) => ({ name }));
    expect((await call('GET', roles)).body.items).toMatchObject(named);

    const id = await addUser('anna', [{ role: 'guard', scope: everywhere }]);
    const anna = await api.signIn('anna', password);
    await call('PUT', rolePathOf('guard'), { permissions: ['user.manage'] });
    expect((await call('GET', session, undefined, anna)).body.rights).toEqual([
      { permissions: ['user.manage'], scope: everywhere },
    ]);
    expect((await call('GET', users, undefined, anna)).status).toBe(200);

    const used = await call('DELETE', rolePathOf('guard'));
    expect([problemOf(used), used.body.detail]).toEqual([
      [409, 'role-in-use'],
      expect.stringContaining('anna'),
    ]);
    await call('DELETE', pathOf(id));
    expect((await call('DELETE', rolePathOf('guard'))).status).toBe(204);
    expect(problemOf(await call('DELETE', rolePathOf('guard')))).toEqual([404, 'role-not-found']);
  });

  it('that is built in is not changed', async () => {
    for (const name of ['viewer', 'operator', 'admin']) {
      const replaced = await call('PUT', rolePathOf(name), { permissions: ['camera.view'] });
      expect(problemOf(replaced)).toEqual([409, 'role-built-in']);
      expect(problemOf(await call('DELETE', rolePathOf(name)))).toEqual([409, 'role-built-in']);
    }
  });
});

describe('the audit log', () => {
  const audit = operations.listAudit.path;
  type Entry = { action: string; outcome: string; username: string | null; detail: string };
  const entries = async (query: string): Promise<Entry[]> =>
    (await call('GET', `${audit}?${query}`)).body.items as Entry[];

  it('says who signed in and changed what, and what was refused', async () => {
    const id = await addUser('anna', [{ role: 'viewer', scope: { kind: 'label', key: 'site', value: 'a' } }]);
    const anna = await api.signIn('anna', password);
    await api.call('POST', session, { username: 'anna', password: 'a wrong one' });
    await call('GET', users, undefined, anna);
    await call('POST', passwordPathOf(id), { password: `${password} 2` });
    await call('DELETE', pathOf(id));
    await eventually(async () => {
      expect(await entries('')).toMatchObject([
        { action: 'deleteUser', outcome: 'allowed', username: 'admin', detail: 'Delete user anna' },
        { action: 'resetPassword', outcome: 'allowed', detail: 'Reset the password of anna' },
        { action: 'listUsers', outcome: 'refused', username: 'anna', method: 'session' },
        {
          action: 'createSession',
          outcome: 'refused',
          username: 'anna',
          method: 'password',
          credentialId: null,
        },
        { action: 'createSession', outcome: 'allowed', username: 'anna', address: '127.0.0.1' },
        { action: 'createUser', detail: 'Create user anna: viewer on cameras with site=a' },
        { action: 'createSession', outcome: 'allowed', username: 'admin' },
      ]);
    }, 5_000);
    expect(await entries('outcome=refused&username=anna&action=createSession')).toHaveLength(1);
    expect(await entries('username=anna')).toHaveLength(3);
    const lines = api
      .logged()
      .split('\n')
      .filter((line) => line.includes('"audit":true'));
    expect(lines.map((line) => (JSON.parse(line) as Entry).action)).toHaveLength(7);
    const { body } = await call('GET', operations.listSessions.path);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      credentialId: body.items[0].id,
      address: '127.0.0.1',
    });
    expect(api.logged() + JSON.stringify(await entries(''))).not.toMatch(
      new RegExp(`${password}|${adminPassword}`),
    );
  });

  it('is listed in pages, and old entries are deleted', async () => {
    for (let count = 0; count < 5; count++)
      await call('PUT', rolePathOf(`r${count}`), { permissions: ['camera.view'] });
    await eventually(async () => expect(await entries('action=replaceRole')).toHaveLength(5), 5_000);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Answer = await call(
        'GET',
        `${audit}?action=replaceRole&limit=2${cursor && `&cursor=${cursor}`}`,
      );
      seen.push(...(page.body.items as Entry[]).map(({ detail }) => detail));
      cursor = page.body.nextCursor as string | null;
    }
    expect(seen).toEqual([4, 3, 2, 1, 0].map((count) => `Set role r${count} to camera.view`));
    expect(problemOf(await call('GET', `${audit}?cursor=x`))).toEqual([400, 'invalid-query']);
    suite.pass(91 * 24 * 3600_000);
    admin = await api.signIn();
    await eventually(async () => expect(await entries('action=replaceRole')).toEqual([]), 5_000);
  });
});
