import { apiTokenHeader } from '@camplane/contracts/access';
import { CamplaneError } from '@camplane/contracts/problem';
import type { WallClock } from '@camplane/runtime/clock';
import { bearerCredential } from '@camplane/service-kit/bearer-credential';
import type { IncomingMessage } from 'node:http';
import type { Access } from './access.ts';
import type { ExternalAccess } from './external/external-access.ts';
import type { Identity, StoredSession, StoredToken } from './identity.ts';
import { requireLoaded } from './identity-store.ts';
import type { IdentityStore } from './identity-store.ts';
import { isSessionExpired, isTokenExpired } from './lifetimes.ts';
import { anonymous } from './principal.ts';
import type { ExternalCredential, Principal } from './principal.ts';
import { hashOfSecret, tokenPrefix } from './secret.ts';
import { sessionSecretsOf } from './session-cookie.ts';

const readAgainIntervalMs = 200;

/** Finds who makes a request. Every answer comes from memory. */
export function createAuthenticator(
  store: IdentityStore,
  wallClock: WallClock,
  external: ExternalAccess,
): Omit<Access, 'audit'> & {
  /** The valid session of a request's cookie. */
  sessionOf(request: IncomingMessage): StoredSession | undefined;
} {
  const validSession = (session: StoredSession | undefined): StoredSession | undefined =>
    session && !isSessionExpired(session, wallClock.epochMs()) ? session : undefined;
  const validToken = (token: StoredToken | undefined): StoredToken | undefined =>
    token && !isTokenExpired(token, wallClock.epochMs()) ? token : undefined;

  const sessionOf = (request: IncomingMessage): StoredSession | undefined =>
    sessionSecretsOf(request)
      .map((secret) => validSession(store.current().sessions.get(hashOfSecret(secret))))
      .find((session) => session !== undefined);

  const principalOfToken = (secret: string): Principal | null => {
    const token = validToken(store.current().tokens.get(hashOfSecret(secret)));
    const principal = token && ofToken(store.current(), token);
    if (token && principal) store.touch(token);
    return principal ?? null;
  };

  let reading: Promise<void> | undefined;
  let readAtMs = -Infinity;
  /** Limited in rate: anybody can send unknown credentials. */
  const readAgain = (): Promise<void> => {
    if (!reading && wallClock.epochMs() - readAtMs < readAgainIntervalMs) return Promise.resolve();
    return (reading ??= store
      .refresh()
      .catch(() => {})
      .finally(() => {
        reading = undefined;
        readAtMs = wallClock.epochMs();
      }));
  };

  /** What {@link prepare} found out about requests without a session or API token: a credential, or the reason for a refusal. */
  const externals = new WeakMap<IncomingMessage, ExternalCredential | string>();
  const prepareExternal = async (request: IncomingMessage, bearer: string | undefined): Promise<void> => {
    // An API token names what its program may do, which may be less than the user may do.
    if (bearer?.startsWith(tokenPrefix)) return;
    const ofProxy = await external.ofProxy(request);
    const found = ofProxy ?? (bearer === undefined ? undefined : await external.ofToken(bearer));
    if (found !== undefined) externals.set(request, found);
  };
  const principalOfExternal = (request: IncomingMessage): Principal | undefined => {
    const found = externals.get(request);
    if (found === undefined) return undefined;
    const principal = typeof found === 'string' ? found : external.principalOf(found);
    if (typeof principal !== 'string') return principal;
    throw new CamplaneError('unauthenticated', sentence(principal));
  };

  return {
    prepare: async (request) => {
      const bearer = bearerOf(request);
      await prepareExternal(request, bearer);
      const { sessions, tokens } = store.current();
      const isKnown =
        bearer === undefined
          ? sessionSecretsOf(request).every((secret) => sessions.has(hashOfSecret(secret)))
          : !bearer.startsWith(tokenPrefix) || tokens.has(hashOfSecret(bearer));
      if (!isKnown) await readAgain();
    },
    sessionOf,
    principalOfToken,
    authenticate: (request) => {
      const bearer = bearerOf(request);
      const hasCookie = sessionSecretsOf(request).length > 0;
      if (bearer === undefined && !hasCookie && !externals.has(request)) {
        const ignored = external.ignoredReason(request);
        if (ignored === undefined) return anonymous;
        throw new CamplaneError('unauthenticated', ignored);
      }
      requireLoaded(store);
      const principal = principalOfExternal(request);
      if (principal) return principal;
      if (bearer !== undefined) {
        const ofToken = principalOfToken(bearer);
        if (ofToken) return ofToken;
        throw new CamplaneError('unauthenticated', 'The API token is unknown, expired or revoked');
      }
      const session = sessionOf(request);
      const ofCookie = session && ofSession(store.current(), session);
      if (!session || !ofCookie) {
        throw new CamplaneError('unauthenticated', 'The session has ended: sign in again');
      }
      store.touch(session);
      return ofCookie;
    },
    refresh: (principal) => {
      if (principal.kind !== 'user') return principal;
      const { sessionsById, tokensById } = store.current();
      const { credential } = principal;
      if (credential.kind === 'jwt' || credential.kind === 'proxy') {
        const current = external.principalOf(credential);
        return typeof current === 'string' ? null : current;
      }
      const { kind, id } = credential;
      if (kind === 'session') {
        const session = validSession(sessionsById.get(id));
        return session ? ofSession(store.current(), session) : null;
      }
      const token = validToken(tokensById.get(id));
      return token ? ofToken(store.current(), token) : null;
    },
    isLoaded: store.isLoaded,
    onChange: store.onChange,
  };
}

function ofSession(identity: Identity, session: StoredSession): Principal | null {
  const user = identity.users.get(session.userId);
  if (!user?.enabled) return null;
  const credential = { kind: 'session' as const, id: session.id };
  return { kind: 'user', userId: user.id, username: user.username, credential, limits: [user.rights] };
}

function ofToken(identity: Identity, token: StoredToken): Principal | null {
  const user = identity.users.get(token.userId);
  if (!user?.enabled) return null;
  const own = [{ permissions: new Set(token.permissions), scope: token.scope }];
  const credential = { kind: 'token' as const, id: token.id };
  return { kind: 'user', userId: user.id, username: user.username, credential, limits: [user.rights, own] };
}

function sentence(reason: string): string {
  return `${reason.slice(0, 1).toUpperCase()}${reason.slice(1)}`;
}

/** Schemes other than `Bearer` belong to proxies in front. */
function bearerOf({ headers }: IncomingMessage): string | undefined {
  const proxied = headers[apiTokenHeader];
  return typeof proxied === 'string' ? proxied : bearerCredential(headers);
}
