import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { operationPath, operations } from '@camplane/contracts/operations';
import { createRedirectBrowser } from '@camplane/testkit/redirect-browser';
import { startTestIssuer } from '@camplane/testkit/test-issuer';
import type { TestIssuer } from '@camplane/testkit/test-issuer';
import { SignJWT, UnsecuredJWT, generateKeyPair } from 'jose';
import type { JWTPayload } from 'jose';
import { WebSocket } from 'ws';
import { once } from 'node:events';
import { startAccessSuite } from '../../testing/access-suite.ts';
import type { AccessSuite } from '../../testing/access-suite.ts';
import { oidcConfigOf, publicUrl, redirectUri } from '../../testing/oidc-config.ts';
import type { Answer, RunningApi } from '../../testing/running-api.ts';

jest.setTimeout(60_000);

const session = operations.readSession.path;

let suite: AccessSuite;
let issuer: TestIssuer;
/** Of all tests but those that need another configuration. */
let shared: RunningApi;
let api: RunningApi;

beforeAll(async () => {
  [suite, issuer] = await Promise.all([startAccessSuite(), startTestIssuer(redirectUri)]);
  shared = await suite.start(oidcConfigOf(issuer));
});
beforeEach(() => {
  api = shared;
});
afterAll(async () => {
  await issuer?.stop();
  await suite?.stop();
});

const nowSeconds = (): number => Math.floor(Date.now() / 1000);
const claims = (changes: JWTPayload = {}): JWTPayload => ({
  iss: issuer.url,
  aud: issuer.audience,
  sub: 'sam-1',
  preferred_username: 'sam',
  groups: ['guards'],
  exp: nowSeconds() + 3600,
  ...changes,
});
const without = (claim: string): JWTPayload =>
  Object.fromEntries(Object.entries(claims()).filter(([name]) => name !== claim));
const withCooldown = (keyCooldownMs: number) => {
  const { oidc, ...config } = oidcConfigOf(issuer);
  return { ...config, ...(oidc ? { oidc: { ...oidc, keyCooldownMs } } : {}) };
};
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const read = (token: string): Promise<Answer> => api.call('GET', session, undefined, bearer(token));

describe('an access token of the issuer', () => {
  it('has the roles of its groups', async () => {
    const { status, body } = await read(await issuer.sign(claims()));
    expect([status, body]).toMatchObject([200, { method: 'jwt', username: 'sam' }]);
    expect(body.rights).toMatchObject([{ scope: { kind: 'label', key: 'site', value: 'north' } }]);
  });

  it('works as the issuer makes it for a program', async () => {
    const { status, body } = await read(await issuer.programToken());
    expect([status, body.rights]).toMatchObject([200, [{ scope: { kind: 'cameras', ids: ['yard'] } }]]);
  });

  it('cannot make API tokens, change a password or sign out', async () => {
    const headers = bearer(await issuer.sign(claims({ groups: ['bosses'] })));
    const token = { name: 'stay', permissions: ['camera.view'], scope: { kind: 'all' } };
    const passwords = { currentPassword: 'x', newPassword: 'a password of mine' };
    const answers = [
      await api.call('POST', operations.createToken.path, token, headers),
      await api.call('POST', operations.changePassword.path, passwords, headers),
      await api.call('DELETE', session, undefined, headers),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
  });

  it('adds no user, and is not accepted for a user who is disabled', async () => {
    issuer.signsIn({ sub: 'leaver', preferred_username: 'leaver', groups: ['guards'] });
    const browser = createRedirectBrowser(api.url, publicUrl);
    await browser.open(await browser.toCallback());
    const token = await issuer.sign(claims({ sub: 'leaver' }));
    const { userId: id } = (await read(token)).body;
    const admin = await api.signIn();
    const { body: user } = await api.call('GET', operationPath('readUser', { id }), undefined, admin);
    const change = { enabled: false, grants: user.grants };
    await api.call('PUT', operationPath('replaceUser', { id }), change, admin);
    expect((await read(token)).body).toMatchObject({
      code: 'unauthenticated',
      detail: 'The user leaver is disabled',
    });
    await read(await issuer.sign(claims({ sub: 'sam-2' })));
    const { body } = await api.call('GET', operations.listUsers.path, undefined, admin);
    expect(body.items).toHaveLength(2);
  });

  it('ends open event connections when it expires', async () => {
    const token = await issuer.sign(claims({ exp: nowSeconds() + 120 }));
    const url = `${api.url.replace('http', 'ws')}${operations.followEvents.path}`;
    const socket = new WebSocket(url, { headers: bearer(token) });
    await once(socket, 'open');
    suite.pass(121_000);
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(4401);
  });

  const refused: Record<string, () => Promise<string>> = {
    expired: () => issuer.sign(claims({ exp: nowSeconds() - 60 })),
    'without an expiry': () => issuer.sign(without('exp')),
    'without a subject': () => issuer.sign(without('sub')),
    'for another audience': () => issuer.sign(claims({ aud: 'https://elsewhere.example' })),
    'for the client, as ID tokens are': () => issuer.sign(claims({ aud: issuer.client.id })),
    'of another issuer': () => issuer.sign(claims({ iss: 'https://elsewhere.example' })),
    'not yet valid': () => issuer.sign(claims({ nbf: nowSeconds() + 1200 })),
    'signed with another key': async () => issuer.sign(claims(), (await generateKeyPair('RS256')).privateKey),
    'without a signature': () => Promise.resolve(new UnsecuredJWT(claims()).encode()),
    'signed with a shared secret': () =>
      new SignJWT(claims())
        .setProtectedHeader({ alg: 'HS256' })
        .sign(Buffer.from(issuer.client.secret.padEnd(32))),
    'without a mapped group': () => issuer.sign(claims({ groups: ['unmapped'] })),
    'in the wrong form': () => Promise.resolve('a.b.c'),
    'that is far too long': () => Promise.resolve('a'.repeat(8_000)),
  };
  it.each(Object.keys(refused))('is refused %s', async (name) => {
    const { status, body } = await read((await refused[name]?.()) ?? '');
    expect([status, body.code]).toEqual([401, 'unauthenticated']);
  });

  it('is refused where no audience is configured', async () => {
    const { oidc, ...config } = oidcConfigOf(issuer);
    if (!oidc) throw new Error('no issuer');
    const { audience: _audience, ...login } = oidc;
    api = await suite.start({ ...config, oidc: login });
    expect((await read(await issuer.sign(claims()))).status).toBe(401);
  });
});

describe('the keys of the issuer', () => {
  it('stay valid while it is unreachable, and unknown ones are refused', async () => {
    const token = await issuer.sign(claims());
    expect((await read(token)).status).toBe(200);
    await issuer.pause();
    try {
      suite.pass(60_000);
      expect((await read(token)).status).toBe(200);
      const { body } = await read(
        await issuer.sign(claims({ kid: 'x' }), (await generateKeyPair('RS256')).privateKey),
      );
      expect(body.detail).toBe('The access token is not valid');
      const fresh = await suite.start(oidcConfigOf(issuer));
      const answer = await fresh.call('GET', session, undefined, bearer(token));
      expect([answer.status, answer.body.detail]).toEqual([
        401,
        expect.stringContaining('issuer is unreachable'),
      ]);
    } finally {
      await issuer.resume();
    }
  });

  it('are read again after a rotation', async () => {
    api = await suite.start(withCooldown(0));
    expect((await read(await issuer.sign(claims()))).status).toBe(200);
    await issuer.rotateKeys();
    expect((await read(await issuer.sign(claims()))).status).toBe(200);
  });

  it('are not read again for each unknown key', async () => {
    api = await suite.start(withCooldown(3600_000));
    expect((await read(await issuer.sign(claims()))).status).toBe(200);
    const before = issuer.keyRequests();
    const forged = new SignJWT(claims()).setProtectedHeader({ alg: 'RS256', kid: 'forged' });
    const token = await forged.sign((await generateKeyPair('RS256')).privateKey);
    const answers = await Promise.all(Array.from({ length: 10 }, () => read(token)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 401));
    expect(issuer.keyRequests()).toBe(before);
  });
});
