import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { operations } from '@camplane/contracts/operations';
import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { startAccessSuite } from '../../testing/access-suite.ts';
import type { AccessSuite } from '../../testing/access-suite.ts';
import { testMapping } from '../../testing/oidc-config.ts';
import type { Answer, RunningApi } from '../../testing/running-api.ts';
import { parseRoleMapping } from './role-mapping.ts';

jest.setTimeout(60_000);

const session = operations.readSession.path;
const proxyAddress = '127.0.0.2';

let suite: AccessSuite;
let api: RunningApi;

beforeAll(async () => {
  suite = await startAccessSuite();
  api = await suite.start({
    roleMapping: parseRoleMapping(testMapping) ?? [],
    trustedProxies: [proxyAddress, '10.1.0.0/16'],
    proxyLogin: { userHeader: 'X-Forwarded-User', groupsHeader: 'X-Forwarded-Groups' },
  });
});
afterAll(() => suite?.stop());

type Headers = Record<string, string | string[]>;

/** Calls from an address of loopback, which is all of 127.0.0.0/8 on Linux. */
async function callFrom(
  localAddress: string,
  path: string,
  headers: Headers,
  method = 'GET',
  body?: unknown,
) {
  const options = { method, localAddress, headers: { 'content-type': 'application/json', ...headers } };
  const sent = request(`${api.url}${path}`, options);
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  const answer: Pick<Answer, 'body'> = { body: text === '' ? null : JSON.parse(text) };
  return { status: response.statusCode, ...answer };
}

const guard = { 'x-forwarded-user': 'Sam@Example', 'x-forwarded-groups': 'staff, guards' };

describe('a user whom an authenticating proxy names', () => {
  it('is signed in with the roles of the groups', async () => {
    const { status, body } = await callFrom(proxyAddress, session, guard);
    expect([status, body]).toMatchObject([
      200,
      { method: 'proxy', username: 'sam@example', expiresAt: null },
    ]);
    expect(body.rights).toMatchObject([{ scope: { kind: 'label', key: 'site', value: 'north' } }]);
  });

  it.each(['127.0.0.1', '127.0.0.3'])(
    'is not believed from %s, and the refusal says why',
    async (address) => {
      const { status, body } = await callFrom(address, session, guard);
      expect([status, body.detail]).toEqual([401, expect.stringContaining('CAMPLANE_TRUSTED_PROXIES')]);
    },
  );

  it('is not believed because a forwarding header names the proxy', async () => {
    const forged = { ...guard, 'x-forwarded-for': proxyAddress, forwarded: `for=${proxyAddress}` };
    expect((await callFrom('127.0.0.1', session, forged)).status).toBe(401);
  });

  it('does not change who is signed in by cookie from elsewhere', async () => {
    const { body } = await callFrom('127.0.0.1', session, { ...guard, ...(await api.signIn()) });
    expect(body.username).toBe('admin');
  });

  it('is refused without a mapped group, and if the header comes twice', async () => {
    const unmapped = await callFrom(proxyAddress, session, { ...guard, 'x-forwarded-groups': 'staff' });
    expect([unmapped.status, unmapped.body.detail]).toEqual([
      401,
      expect.stringContaining('No group of Sam@Example'),
    ]);
    const twice = await callFrom(proxyAddress, session, { ...guard, 'x-forwarded-user': ['sam', 'admin'] });
    expect(twice.status).toBe(401);
  });

  it('is another user than the local one with this name', async () => {
    const { body } = await callFrom(proxyAddress, session, { ...guard, 'x-forwarded-user': 'admin' });
    expect(body.username).toMatch(/^admin-[0-9a-f]{10}$/);
  });

  it('has API tokens, whose rights follow the groups', async () => {
    const named = { ...guard, 'x-forwarded-user': 'token-owner' };
    const token = { name: 'nvr', permissions: ['camera.view'], scope: { kind: 'all' } };
    const { body: created } = await callFrom(proxyAddress, operations.createToken.path, named, 'POST', token);
    const headers = { authorization: `Bearer ${created.secret}` };
    const list = async () => (await callFrom('127.0.0.1', operations.listCameras.path, headers)).status;
    expect(await list()).toBe(200);
    // The token counts, although the proxy names a user with more rights.
    const boss = { 'x-forwarded-user': 'boss', 'x-forwarded-groups': 'bosses' };
    const users = await callFrom(proxyAddress, operations.listUsers.path, { ...boss, ...headers });
    expect(users.status).toBe(403);
    await callFrom(proxyAddress, session, { ...named, 'x-forwarded-groups': '' });
    expect(await list()).toBe(403);
  });

  it('makes changes from its own pages alone', async () => {
    const boss = { 'x-forwarded-user': 'boss', 'x-forwarded-groups': 'bosses' };
    const camera = { id: 'made', source: { url: 'rtsp://192.0.2.10/a' } };
    const create = (headers: Headers) =>
      callFrom(proxyAddress, operations.createCamera.path, { ...boss, ...headers }, 'POST', camera);
    const foreign = await create({ origin: 'https://evil.example' });
    expect([foreign.status, foreign.body.code]).toEqual([403, 'cross-origin']);
    expect((await create({ origin: api.url })).status).toBe(201);
  });
});

describe('the address of a client behind trusted proxies', () => {
  const addressOf = async (from: string, headers: Headers, username: string): Promise<string> => {
    const body = { username, password: 'wrong password' };
    await callFrom(from, session, headers, 'POST', body);
    const path = `${operations.listAudit.path}?username=${username}`;
    for (;;) {
      const { body: page } = await api.call('GET', path, undefined, await api.signIn());
      if (page.items.length > 0) return String(page.items[0].address);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };

  it('is in the audit log', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.66, 192.0.2.7, 10.1.2.3' };
    expect(await addressOf(proxyAddress, headers, 'behind-proxies')).toBe('192.0.2.7');
  });

  it('is not taken from others', async () => {
    expect(await addressOf('127.0.0.1', { 'x-forwarded-for': '192.0.2.7' }, 'forger')).toBe('127.0.0.1');
  });

  it('has its own limits of logins, which a forged left part does not reset', async () => {
    const attempt = async (forwardedFor: string) => {
      const body = { username: 'guessed', password: 'wrong password' };
      return (await callFrom(proxyAddress, session, { 'x-forwarded-for': forwardedFor }, 'POST', body))
        .status;
    };
    for (let count = 0; count < 10; count++) expect(await attempt(`10.9.9.${count}, 192.0.2.9`)).toBe(401);
    expect(await attempt('10.9.9.99, 192.0.2.9')).toBe(429);
    expect(await attempt('192.0.2.10')).toBe(401);
  });
});
