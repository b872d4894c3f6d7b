import type { Clock, WallClock } from '@camplane/runtime/clock';
import type { Logger } from '@camplane/service-kit/logging';
import type { IncomingMessage } from 'node:http';
import { rightsOf } from '../identity.ts';
import type { Identity } from '../identity.ts';
import type { IdentityStore } from '../identity-store.ts';
import type { ExternalCredential, Principal } from '../principal.ts';
import type { TrustedProxies } from '../trusted-proxies.ts';
import { createAccessTokens } from './access-tokens.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { ExternalConfig } from './external-config.ts';
import { externalUser, idOfExternal, usernameFor } from './external-identity.ts';
import type { ExternalUsers } from './external-users.ts';
import type { OidcIssuer } from './oidc-issuer.ts';
import { createProxyLogin } from './proxy-login.ts';
import { grantsOfGroups } from './role-mapping.ts';

/** How long an open connection or video session lasts on the word of a proxy. */
const proxyCredentialMs = 3600_000;

/** Callers who are not signed in here. Texts are reasons for a refusal. */
export type ExternalAccess = {
  /** Verifies an access token of the issuer; undefined if these are not accepted. */
  ofToken(token: string): Promise<ExternalCredential | string> | undefined;
  /** The user that a trusted proxy names; their grants are stored, so that their API tokens have them. Never throws. */
  ofProxy(request: IncomingMessage): Promise<ExternalCredential | undefined>;
  ignoredReason(request: IncomingMessage): string | undefined;
  /** The principal with its rights of now, or why it has none. */
  principalOf(credential: ExternalCredential): Principal | string;
};

export function createExternalAccess(
  config: ExternalConfig,
  deps: {
    store: IdentityStore;
    users: ExternalUsers;
    issuer: OidcIssuer | undefined;
    proxies: TrustedProxies;
    clock: Pick<Clock, 'now'>;
    wallClock: WallClock;
    log: Logger;
  },
): ExternalAccess {
  const { store, users, issuer, proxies, wallClock, log } = deps;
  const { oidc, proxyLogin, roleMapping: mapping = [] } = config;
  const audience = oidc?.audience;
  const tokens: AccessTokens | undefined =
    oidc && issuer && audience !== undefined
      ? createAccessTokens({ ...oidc, audience }, { ...deps, issuer, mapping })
      : undefined;
  const proxy = proxyLogin && createProxyLogin(proxyLogin, { mapping, isFromProxy: proxies.isFromProxy });

  return {
    ofToken: (token) => tokens?.verify(token),
    ofProxy: async (request) => {
      const external = proxy?.identityOf(request);
      if (!external) return undefined;
      if (store.isLoaded() && !users.isRecorded(external)) {
        await users.record(external).catch((error: unknown) => {
          log.warn({ err: error, username: external.name }, 'grants of a proxy user not stored, will retry');
        });
      }
      return {
        ...external,
        kind: 'proxy',
        id: external.subject,
        expiresAtMs: wallClock.epochMs() + proxyCredentialMs,
      };
    },
    ignoredReason: (request) => proxy?.ignoredReason(request),
    principalOf: (credential) => principalOf(credential, store.current(), mapping, wallClock.epochMs()),
  };
}

function principalOf(
  credential: ExternalCredential,
  identity: Identity,
  mapping: NonNullable<ExternalConfig['roleMapping']>,
  nowMs: number,
): Principal | string {
  const user = externalUser(identity, credential);
  if (user && !user.enabled) return `The user ${user.username} is disabled`;
  if (credential.expiresAtMs <= nowMs) return 'The credential has expired: sign in again';
  const grants = grantsOfGroups(mapping, credential.groups);
  if (grants.length === 0) {
    return `No group of ${credential.name} is mapped to a role: ask an administrator for access`;
  }
  return {
    kind: 'user',
    userId: user?.id ?? idOfExternal(credential),
    username: user?.username ?? usernameFor(identity, credential),
    credential,
    limits: [rightsOf(grants, identity.roles)],
  };
}
