import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { operationPath, operations } from '@camplane/contracts/operations';
import { createRedirectBrowser } from '@camplane/testkit/redirect-browser';
import type { RedirectBrowser } from '@camplane/testkit/redirect-browser';
import { startTestIssuer } from '@camplane/testkit/test-issuer';
import type { TestIssuer } from '@camplane/testkit/test-issuer';
import { waitUntil } from '@camplane/testkit/wait-until';
import { UnsecuredJWT, decodeJwt, generateKeyPair } from 'jose';
import { startAccessSuite } from '../../testing/access-suite.ts';
import type { AccessSuite } from '../../testing/access-suite.ts';
import { oidcConfigOf, publicUrl, redirectUri } from '../../testing/oidc-config.ts';
import type { RunningApi } from '../../testing/running-api.ts';

jest.setTimeout(60_000);

const session = operations.readSession.path;
const hourMs = 3600_000;
/** Another user in each test. */
let sam: { sub: string; preferred_username: string; name: string; groups: string[] };
let users = 0;

let suite: AccessSuite;
let issuer: TestIssuer;
let api: RunningApi;

beforeAll(async () => {
  [suite, issuer] = await Promise.all([startAccessSuite(), startTestIssuer(redirectUri)]);
  api = await suite.start({ ...oidcConfigOf(issuer), limits: { loginsPerMinute: 1000 } });
});
beforeEach(() => {
  const preferred_username = `sam-${users++}`;
  sam = {
    sub: `id of ${preferred_username}`,
    preferred_username,
    name: 'Sam Doe',
    groups: ['guards', 'unmapped'],
  };
});
afterEach(() => issuer.changeIdTokens(null));
afterAll(async () => {
  await issuer?.stop();
  await suite?.stop();
});

const browserOf = (of = api): RedirectBrowser => createRedirectBrowser(of.url, publicUrl);

async function signIn(account: Parameters<TestIssuer['signsIn']>[0], browser = browserOf()) {
  issuer.signsIn(account);
  const { location } = await browser.open(await browser.toCallback());
  return { browser, location, session: await api.call('GET', session, undefined, browser.headers()) };
}

const failureOf = (location: string): string | null =>
  new URL(location, publicUrl).searchParams.get('signInFailure');

async function userNamed(username: string) {
  const { body } = await api.call('GET', operations.listUsers.path, undefined, await api.signIn());
  return (body.items as { id: string; username: string }[]).find((user) => user.username === username);
}

describe('signing in with OpenID Connect', () => {
  it('opens a session with the roles of the mapped groups, and returns to the page', async () => {
    issuer.signsIn(sam);
    const browser = browserOf();
    const callback = await browser.toCallback('/cameras/yard?wide=1');
    expect([...browser.cookies.keys()]).toEqual(['__Host-camplane-oidc']);
    expect(await browser.open(callback)).toEqual({ status: 303, location: '/cameras/yard?wide=1' });
    expect([...browser.cookies.keys()]).toEqual(['__Host-camplane-session']);

    const { status, body } = await api.call('GET', session, undefined, browser.headers());
    expect([status, body]).toMatchObject([
      200,
      { method: 'session', username: sam.preferred_username, displayName: 'Sam Doe' },
    ]);
    expect(body.rights).toMatchObject([{ scope: { kind: 'label', key: 'site', value: 'north' } }]);
    expect(await userNamed(sam.preferred_username)).toMatchObject({
      signIn: 'oidc',
      grants: [{ role: 'viewer' }],
    });
    expect(Date.parse(String(body.expiresAt)) - Date.now()).toBeLessThanOrEqual(8 * hourMs);
  });

  it('asks with PKCE, state and nonce', async () => {
    const { location } = await browserOf().open(`${publicUrl}${operations.startOidc.path}`);
    const { searchParams } = new URL(location);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      redirect_uri: redirectUri,
      scope: 'openid profile email groups',
    });
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(searchParams.get(name)).toMatch(/^[\w-]{43}$/);
    }
  });

  it.each(['https://evil.example', '//evil.example', '/\\evil.example', 'x'])(
    'does not return to %s',
    async (returnTo) => {
      const path = `${operations.startOidc.path}?returnTo=${encodeURIComponent(returnTo)}`;
      expect((await api.call('GET', path)).status).toBe(400);
    },
  );

  it('reads the groups again at each sign-in, and takes access away with the last one', async () => {
    const first = await signIn(sam);
    const promoted = await signIn({ ...sam, groups: ['bosses'] });
    expect(promoted.session.body.rights).toMatchObject([{ scope: { kind: 'all' } }]);
    expect((await api.call('GET', session, undefined, first.browser.headers())).body.userId).toBe(
      promoted.session.body.userId,
    );

    const { location } = await signIn({ ...sam, groups: ['unmapped'] });
    expect(failureOf(location)).toBe('no-role');
    for (const { browser } of [first, promoted]) {
      expect((await api.call('GET', session, undefined, browser.headers())).status).toBe(401);
    }
    expect(await userNamed(sam.preferred_username)).toMatchObject({ grants: [] });
  });

  it('adds no user without a mapped group', async () => {
    expect(failureOf((await signIn({ sub: 'stranger', preferred_username: 'stranger' })).location)).toBe(
      'no-role',
    );
    expect(await userNamed('stranger')).toBeUndefined();
  });

  it('never takes over the account of a local user or of another subject with the same name', async () => {
    const named = { sub: 'impostor', preferred_username: 'Admin', groups: ['guards'] };
    const { session: opened } = await signIn(named);
    expect(opened.body.username).toMatch(/^admin-[0-9a-f]{10}$/);
    expect(opened.body.rights).toMatchObject([{ scope: { kind: 'label' } }]);
    const again = await signIn({ ...named, sub: 'second impostor' });
    expect(again.session.body.userId).not.toBe(opened.body.userId);
    expect(again.session.body.username).not.toBe(opened.body.username);
  });

  it('refuses a disabled user', async () => {
    const { session: opened } = await signIn(sam);
    const path = operationPath('replaceUser', { id: opened.body.userId });
    const { grants } = (await userNamed(sam.preferred_username)) as unknown as { grants: unknown };
    const admin = await api.signIn();
    expect((await api.call('PUT', path, { enabled: false, grants }, admin)).status).toBe(200);
    expect(failureOf((await signIn(sam)).location)).toBe('disabled');
  });

  it('leaves password and grants to the issuer', async () => {
    const { session: opened } = await signIn({ ...sam, groups: ['bosses'] });
    const { userId: id } = opened.body;
    const admin = await api.signIn();
    const reset = operationPath('resetPassword', { id });
    const calls = [
      await api.call('POST', reset, { password: 'a password of mine' }, admin),
      await api.call('PUT', operationPath('replaceUser', { id }), { grants: [] }, admin),
    ];
    expect(calls.map(({ body }) => String(body.code))).toEqual(['external-user', 'external-user']);
    expect(
      (await api.call('POST', session, { username: sam.preferred_username, password: 'a password of mine' }))
        .status,
    ).toBe(401);
  });

  it('does not count its administrators as the last one, who must be able to sign in here', async () => {
    await signIn({ ...sam, groups: ['bosses'] });
    const { id } = (await userNamed('admin')) as { id: string };
    const answer = await api.call(
      'DELETE',
      operationPath('deleteUser', { id }),
      undefined,
      await api.signIn(),
    );
    expect(answer.body.code).toBe('last-administrator');
  });

  it('ends the session like others: by signing out, and after its time', async () => {
    const { browser } = await signIn(sam);
    const origin = { ...browser.headers(), origin: publicUrl };
    expect((await api.call('DELETE', session, undefined, origin)).status).toBe(204);
    expect((await api.call('GET', session, undefined, browser.headers())).status).toBe(401);
    const later = await signIn(sam);
    suite.pass(8 * hourMs + 1_000);
    expect((await api.call('GET', session, undefined, later.browser.headers())).status).toBe(401);
  });

  it('lets the user make API tokens', async () => {
    const { browser } = await signIn(sam);
    const body = { name: 'nvr', permissions: ['camera.view'], scope: { kind: 'all' } };
    const { status, body: created } = await api.call(
      'POST',
      operations.createToken.path,
      body,
      browser.headers(),
    );
    expect(status).toBe(201);
    const headers = { authorization: `Bearer ${created.secret}` };
    expect((await api.call('GET', session, undefined, headers)).body.username).toBe(sam.preferred_username);
  });
});

describe('an answer that is not for this browser', () => {
  const rejected = async (browser: RedirectBrowser, callback: URL): Promise<string | null> => {
    const { location } = await browser.open(callback);
    expect([...browser.cookies.keys()]).toEqual([]);
    return failureOf(location);
  };
  beforeEach(() => issuer.signsIn(sam));

  it('is refused in a browser that did not begin the sign-in', async () => {
    const callback = await browserOf().toCallback();
    expect(await rejected(browserOf(), callback)).toBe('interrupted');
  });

  it('is refused in a browser that began another sign-in', async () => {
    const callback = await browserOf().toCallback();
    const victim = browserOf();
    await victim.toCallback();
    expect(await rejected(victim, callback)).toBe('rejected');
  });

  it('is refused a second time, with the cookie of the first', async () => {
    const browser = browserOf();
    const callback = await browser.toCallback();
    const cookies = new Map(browser.cookies);
    expect(failureOf((await browser.open(callback)).location)).toBeNull();
    const again = browserOf();
    for (const [name, value] of cookies) again.cookies.set(name, value);
    expect(await rejected(again, callback)).toBe('rejected');
  });

  it.each(['state', 'nonce', 'verifier'])('is refused with another %s', async (field) => {
    const browser = browserOf();
    const callback = await browser.toCallback();
    const [[name, value] = ['', '']] = browser.cookies;
    const kept = JSON.parse(Buffer.from(value, 'base64url').toString()) as Record<string, string>;
    kept[field] = 'A'.repeat(43);
    browser.cookies.set(name, Buffer.from(JSON.stringify(kept)).toString('base64url'));
    expect(await rejected(browser, callback)).toBe('rejected');
  });

  it('is refused with a code that the issuer did not make, and audited', async () => {
    const browser = browserOf();
    const callback = await browser.toCallback();
    callback.searchParams.set('code', 'made-up');
    expect(await rejected(browser, callback)).toBe('rejected');
    const path = `${operations.listAudit.path}?action=finishOidc&outcome=refused`;
    const { body } = await api.call('GET', path, undefined, await api.signIn());
    expect(JSON.stringify(body.items)).not.toContain('made-up');
  });

  it('says so when the user cancelled', async () => {
    issuer.signsIn(null);
    const browser = browserOf();
    expect(await rejected(browser, await browser.toCallback())).toBe('denied');
  });
});

describe('an ID token', () => {
  const anHour = (): number => Math.floor(Date.now() / 1000) + 3600;
  const forgedKey = generateKeyPair('RS256').then(({ privateKey }) => privateKey);
  const changes: Record<string, (token: string) => Promise<string>> = {
    expired: (token) => issuer.sign({ ...decodeJwt(token), iat: anHour() - 7200, exp: anHour() - 4000 }),
    'signed with another key': async (token) => issuer.sign(decodeJwt(token), await forgedKey),
    'for another client': (token) => issuer.sign({ ...decodeJwt(token), aud: 'another' }),
    'of another issuer': (token) => issuer.sign({ ...decodeJwt(token), iss: 'http://127.0.0.1:9' }),
    'with another nonce': (token) => issuer.sign({ ...decodeJwt(token), nonce: 'another' }),
    'without a signature': (token) => Promise.resolve(new UnsecuredJWT(decodeJwt(token)).encode()),
    'with changed groups': (token) => {
      const [head, , signature] = token.split('.');
      const payload = Buffer.from(JSON.stringify({ ...decodeJwt(token), groups: ['bosses', 'guards'] }));
      return Promise.resolve(`${head}.${payload.toString('base64url')}.${signature}`);
    },
  };

  it('is accepted when it is signed again unchanged', async () => {
    issuer.changeIdTokens((token) => issuer.sign(decodeJwt(token)));
    expect((await signIn(sam)).session.status).toBe(200);
  });

  it.each(Object.keys(changes))('is refused %s', async (name) => {
    issuer.changeIdTokens(changes[name] ?? null);
    const { location, session: answer } = await signIn({ ...sam, groups: ['bosses'] });
    expect([failureOf(location), answer.status]).toEqual(['rejected', 401]);
  });
});

describe('without the issuer', () => {
  it('starts, says why it cannot sign in, and recovers', async () => {
    await issuer.pause();
    const other = await suite.start(oidcConfigOf(issuer));
    const { location } = await browserOf(other).open(`${publicUrl}${operations.startOidc.path}`);
    expect(failureOf(location)).toBe('issuer-unreachable');
    expect(other.logged()).toContain('ECONNREFUSED');
    expect((await other.call('GET', session, undefined, await other.signIn())).status).toBe(200);
    await issuer.resume();
    issuer.signsIn(sam);
    // A failure is remembered for a moment, and sign-ins per minute are limited.
    await waitUntil(
      async () => {
        const browser = browserOf(other);
        return (await browser.open(await browser.toCallback())).location;
      },
      (address) => address === '/',
      { what: 'a sign-in after the issuer has returned', timeoutMs: 20_000, intervalMs: 500 },
    );
  });

  it('is not offered when it is not configured', async () => {
    const plain = await suite.start();
    expect((await plain.call('GET', operations.readInfo.path)).body.signIn).toEqual({ oidc: null });
    for (const path of [operations.startOidc.path, `${operations.finishOidc.path}?code=a&state=b`]) {
      const { location } = await browserOf(plain).open(`${publicUrl}${path}`);
      expect(failureOf(location)).toBe('not-configured');
    }
  });
});
