import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { operationPath, operations } from '@camplane/contracts/operations';
import { startAccessSuite } from '../testing/access-suite.ts';
import type { AccessSuite } from '../testing/access-suite.ts';
import { adminPassword, eventually } from '../testing/running-api.ts';
import type { RunningApi } from '../testing/running-api.ts';

jest.setTimeout(60_000);

const session = operations.createSession.path;
const sessions = operations.listSessions.path;
const hourMs = 3600_000;

let suite: AccessSuite;
let api: RunningApi;

beforeAll(async () => {
  suite = await startAccessSuite();
});
beforeEach(async () => {
  api = await suite.start();
});
afterEach(() => suite.stopApis());
afterAll(() => suite.stop());

const status = async (headers: Record<string, string>, of = api): Promise<number> =>
  (await of.call('GET', session, undefined, headers)).status;

describe('a session', () => {
  it('is opened with a password, shows who is signed in, and ends', async () => {
    const answer = await api.call('POST', session, { username: 'ADMIN', password: adminPassword });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ method: 'session', username: 'admin', displayName: 'Administrator' });
    expect(answer.body.rights).toEqual([{ permissions: expect.any(Array), scope: { kind: 'all' } }]);
    const cookie = answer.headers.getSetCookie().join();
    expect(cookie).toMatch(/^camplane-session=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/);
    const headers = { cookie: cookie.split(';', 1).join() };
    expect(await status(headers)).toBe(200);

    const ended = await api.call('DELETE', session, undefined, headers);
    expect(ended.status).toBe(204);
    expect(ended.headers.getSetCookie().join()).toMatch(/^camplane-session=; Max-Age=0;/);
    expect(await status(headers)).toBe(401);
  });

  it('gets a secure cookie for this host alone where the page was loaded over TLS', async () => {
    const origin = api.url.replace('http:', 'https:');
    const answer = await api.call(
      'POST',
      session,
      { username: 'admin', password: adminPassword },
      { origin },
    );
    const cookie = answer.headers.getSetCookie().join();
    expect(cookie).toMatch(/^__Host-camplane-session=[\w-]{43};.* Path=\/; HttpOnly; SameSite=Lax; Secure$/);
    expect(await status({ cookie: cookie.split(';', 1).join() })).toBe(200);
  });

  it.each([
    { username: 'admin', password: 'wrong password' },
    { username: 'admin', password: '' },
    { username: 'absent', password: adminPassword },
    { welcomeToken: 'x'.repeat(43) },
  ])('is not opened by %j', async (body) => {
    const answer = await api.call('POST', session, body);
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([body.password === '' ? 400 : 401, []]);
  });

  it.each([
    'camplane-session=forged',
    'camplane-session=',
    `__Host-camplane-session=${'a'.repeat(43)}`,
    'camplane-session=__proto__; x=y',
  ])('is not one of the cookie %j', async (cookie) => {
    const answer = await api.call('GET', session, undefined, { cookie });
    expect([answer.status, answer.body.code]).toEqual([401, 'unauthenticated']);
  });

  it('replaces the session that the browser had', async () => {
    const first = await api.signIn();
    await api.call('POST', session, { username: 'admin', password: adminPassword }, first);
    expect(await status(first)).toBe(401);
  });

  it('ends when it has not been used for a week, and after thirty days in any case', async () => {
    const idle = await api.signIn();
    suite.pass(7 * 24 * hourMs - 60_000);
    expect(await status(idle)).toBe(200);
    suite.pass(7 * 24 * hourMs + 1_000);
    expect(await status(idle)).toBe(401);

    const used = await api.signIn();
    for (let days = 0; days < 28; days += 4) {
      suite.pass(4 * 24 * hourMs);
      expect(await status(used)).toBe(200);
    }
    suite.pass(2 * 24 * hourMs);
    expect(await status(used)).toBe(401);
  });

  it('is listed and ended one by one', async () => {
    const [one, other] = [await api.signIn(), await api.signIn()];
    const listed = await api.call('GET', sessions, undefined, one);
    expect(listed.body.items).toHaveLength(2);
    expect(listed.body.items).toMatchObject([{ current: false }, { current: true }]);
    const { id, address } = listed.body.items[0];
    expect(address).toBe('127.0.0.1');
    expect((await api.call('DELETE', operationPath('endSession', { id }), undefined, one)).status).toBe(204);
    expect([await status(one), await status(other)]).toEqual([200, 401]);
    const again = await api.call('DELETE', operationPath('endSession', { id }), undefined, one);
    expect([again.status, again.body.code]).toEqual([404, 'session-not-found']);
  });

  it('survives a restart, with its moment of last use', async () => {
    const databaseUrl = await suite.newDatabase();
    const first = await suite.start({ databaseUrl });
    const headers = await first.signIn();
    suite.pass(6 * 24 * hourMs);
    expect(await status(headers, first)).toBe(200);
    await first.stop();
    suite.pass(6 * 24 * hourMs);
    const second = await suite.start({ databaseUrl });
    expect(await status(headers, second)).toBe(200);
  });

  it('is valid in all replicas at once, and ends in all', async () => {
    const databaseUrl = await suite.newDatabase();
    const [one, other] = [await suite.start({ databaseUrl }), await suite.start({ databaseUrl })];
    const headers = await one.signIn();
    expect(await status(headers, other)).toBe(200);
    await one.call('DELETE', session, undefined, headers);
    await eventually(async () => expect(await status(headers, other)).toBe(401), 2_000);
  });

  it('is accepted while the database is unreachable, and none is opened', async () => {
    const headers = await api.signIn();
    await suite.postgres.kill();
    try {
      expect(await status(headers)).toBe(200);
      const answer = await api.call('POST', session, { username: 'admin', password: adminPassword });
      expect([answer.status, answer.body.code]).toEqual([503, 'store-unavailable']);
      expect((await api.call('DELETE', session, undefined, headers)).status).toBe(503);
    } finally {
      await suite.postgres.restart();
    }
    await eventually(async () => {
      expect((await api.call('DELETE', session, undefined, headers)).status).toBe(204);
    });
    expect(await status(headers)).toBe(401);
  });
});

describe('a change of the password', () => {
  const path = operations.changePassword.path;
  const newPassword = 'a different sentence';

  it('ends the other sessions', async () => {
    const [own, other] = [await api.signIn(), await api.signIn()];
    const body = { currentPassword: adminPassword, newPassword };
    expect((await api.call('POST', path, body, own)).status).toBe(204);
    expect([await status(own), await status(other)]).toEqual([200, 401]);
    await expect(api.signIn()).rejects.toThrow('401');
    expect(await status(await api.signIn('admin', newPassword))).toBe(200);
  });

  it('needs the current password', async () => {
    const own = await api.signIn();
    const answer = await api.call('POST', path, { currentPassword: 'wrong', newPassword }, own);
    expect([answer.status, answer.body.code]).toEqual([401, 'wrong-login']);
    expect(await status(await api.signIn())).toBe(200);
  });

  it.each(['too short', 'password12345', 'the admin is here', 'abababababab', '123456789012'])(
    'refuses %j by name',
    async (weak) => {
      const own = await api.signIn();
      const body = { currentPassword: adminPassword, newPassword: weak };
      const answer = await api.call('POST', path, body, own);
      expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([400, 'newPassword']);
    },
  );
});
