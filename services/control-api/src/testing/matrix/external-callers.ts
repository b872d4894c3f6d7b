import { createRedirectBrowser } from '@camplane/testkit/redirect-browser';
import { startTestIssuer } from '@camplane/testkit/test-issuer';
import type { TestIssuer } from '@camplane/testkit/test-issuer';
import { UnsecuredJWT, generateKeyPair } from 'jose';
import type { JWTPayload } from 'jose';
import type { ExternalConfig } from '../../access/external/external-config.ts';
import { oidcConfigOf, publicUrl, redirectUri } from '../oidc-config.ts';
import type { RunningApi } from '../running-api.ts';
import { expiresInMs } from './callers.ts';
import type { Caller, Grant } from './oracle.ts';
import { cameras, roles, scopes } from './world.ts';

const trustedProxy = '127.0.0.2';

const named = [cameras.named, cameras.both, cameras.absent, cameras.deleted].map(({ id }) => id).join();
const mapping = `bosses=admin@all; guards=viewer@label:site=north; guards=operator@cameras:${named}; fitters=fitter@label:site=north`;
const grantsOf = {
  bosses: [{ permissions: roles['admin'] ?? [], scope: scopes.all }],
  guards: [
    { permissions: roles['viewer'] ?? [], scope: scopes.label },
    { permissions: roles['operator'] ?? [], scope: scopes.named },
  ],
  fitters: [{ permissions: roles['fitter'] ?? [], scope: scopes.label }],
} satisfies Record<string, Grant[]>;
const groups = Object.keys(grantsOf) as (keyof typeof grantsOf)[];

/** Callers who sign in elsewhere. */
export type ExternalCallers = {
  /** Of the API that they call. */
  config: ExternalConfig;
  create(api: RunningApi): Promise<Caller[]>;
  stop(): Promise<void>;
};

export async function startExternalCallers(): Promise<ExternalCallers> {
  const issuer = await startTestIssuer(redirectUri);
  return {
    config: {
      ...oidcConfigOf(issuer, mapping),
      trustedProxies: [trustedProxy],
      proxyLogin: { userHeader: 'X-Forwarded-User', groupsHeader: 'X-Forwarded-Groups' },
    },
    create: async (api) => [
      ...(await oidcSessions(api, issuer)),
      ...(await accessTokens(issuer)),
      ...proxyHeaders(),
    ],
    stop: () => issuer.stop(),
  };
}

async function oidcSessions(api: RunningApi, issuer: TestIssuer): Promise<Caller[]> {
  const signIn = async (sub: string, ofUser: string[]): Promise<{ cookie: string }> => {
    issuer.signsIn({ sub, preferred_username: sub, groups: ofUser });
    const browser = createRedirectBrowser(api.url, publicUrl);
    await browser.open(await browser.toCallback());
    return browser.headers();
  };
  const callers: Caller[] = [];
  for (const group of groups) {
    const headers = await signIn(`user of ${group}`, [group, 'unmapped']);
    callers.push({ name: `OpenID Connect, ${group}`, headers, rights: rightsOf(group) });
  }
  const before = await signIn('leaver', ['bosses']);
  await signIn('leaver', ['unmapped']);
  callers.push({
    name: 'OpenID Connect, session of a user without groups since',
    headers: before,
    rights: null,
  });
  return callers;
}

async function accessTokens(issuer: TestIssuer): Promise<Caller[]> {
  const expiry = (ms: number): number => Math.floor((Date.now() + ms) / 1000);
  const claims = (changes: JWTPayload): JWTPayload => ({
    iss: issuer.url,
    aud: issuer.audience,
    sub: 'program',
    groups: ['bosses'],
    exp: expiry(24 * expiresInMs),
    ...changes,
  });
  const { privateKey } = await generateKeyPair('RS256');
  const tokens: [string, string, Caller['rights']][] = [
    ['expired', await issuer.sign(claims({ exp: expiry(expiresInMs) })), null],
    ['for another audience', await issuer.sign(claims({ aud: issuer.client.id })), null],
    ['of another issuer', await issuer.sign(claims({ iss: 'https://elsewhere.example' })), null],
    ['forged', await issuer.sign(claims({}), privateKey), null],
    ['without a signature', new UnsecuredJWT(claims({})).encode(), null],
    ['without a mapped group', await issuer.sign(claims({ groups: ['unmapped'] })), null],
  ];
  for (const group of groups) {
    tokens.push([group, await issuer.sign(claims({ groups: [group] })), rightsOf(group)]);
  }
  return tokens.map(([name, token, rights]) => ({
    name: `access token, ${name}`,
    headers: { authorization: `Bearer ${token}` },
    rights,
  }));
}

function proxyHeaders(): Caller[] {
  const headersOf = (group: string) => ({
    'x-forwarded-user': `proxied ${group}`,
    'x-forwarded-groups': `${group},unmapped`,
  });
  const forged = {
    ...headersOf('bosses'),
    'x-forwarded-for': trustedProxy,
    forwarded: `for=${trustedProxy}`,
  };
  return [
    ...groups.map((group) => ({
      name: `trusted proxy, ${group}`,
      headers: headersOf(group),
      localAddress: trustedProxy,
      rights: rightsOf(group),
    })),
    {
      name: 'trusted proxy, without a mapped group',
      headers: { 'x-forwarded-user': 'stranger', 'x-forwarded-groups': 'unmapped' },
      localAddress: trustedProxy,
      rights: null,
    },
    { name: 'trusted proxy, without a user', headers: {}, localAddress: trustedProxy, rights: null },
    { name: 'headers of a proxy from elsewhere', headers: forged, rights: null },
  ];
}

function rightsOf(group: keyof typeof grantsOf): Caller['rights'] {
  return { user: grantsOf[group], token: null };
}
