import type { AuditEntry, SignInFailure } from '@camplane/contracts/access';
import { CamplaneError } from '@camplane/contracts/problem';
import type { Logger } from '@camplane/service-kit/logging';
import type { Response } from 'express';
import type { IncomingMessage } from 'node:http';
import type { Handlers } from '../../http/api-router.ts';
import type { Access } from '../access.ts';
import { callerOf } from '../caller.ts';
import type { StoredSession } from '../identity.ts';
import type { Login } from '../login.ts';
import { sessionCookie } from '../session-cookie.ts';
import type { ExternalUsers } from './external-users.ts';
import { reasonOf } from './oidc-issuer.ts';
import { OidcLoginError } from './oidc-login.ts';
import type { OidcLogin } from './oidc-login.ts';
import { transactionCookie } from './oidc-transaction.ts';

export type OidcHandlerDeps = {
  /** Absent: OpenID Connect is not configured. */
  oidc?: { login: OidcLogin; publicUrl: string; sessionMaxMs: number };
  users: ExternalUsers;
  login: Pick<Login, 'open'>;
  sessionOf(request: IncomingMessage): StoredSession | undefined;
  audit: Access['audit'];
  log: Logger;
};

/** Signing in with OpenID Connect. A browser calls these, so that every answer is a redirect. */
export function oidcHandlers(deps: OidcHandlerDeps): Pick<Handlers, 'startOidc' | 'finishOidc'> {
  const { oidc } = deps;
  const isSecure = oidc?.publicUrl.startsWith('https:') ?? false;
  return {
    startOidc: async ({ query, response }) => {
      if (!oidc) return failed(response, 'not-configured');
      try {
        const { address, transaction } = await oidc.login.start(query.returnTo ?? '/');
        response.append('Set-Cookie', transactionCookie(transaction, isSecure));
        return redirect(response, address);
      } catch (error) {
        return failed(response, recordFailure(deps, response.req, error));
      }
    },
    finishOidc: async ({ response }) => {
      if (!oidc) return failed(response, 'not-configured');
      // The code is valid once, and so is the state.
      response.append('Set-Cookie', transactionCookie(null, isSecure));
      try {
        const { secret, returnTo } = await openSession(deps, oidc, response.req);
        response.append('Set-Cookie', sessionCookie(secret, isSecure));
        return redirect(response, returnTo);
      } catch (error) {
        return failed(response, recordFailure(deps, response.req, error));
      }
    },
  };
}

async function openSession(
  { users, login, sessionOf, audit }: OidcHandlerDeps,
  oidc: NonNullable<OidcHandlerDeps['oidc']>,
  request: IncomingMessage,
): Promise<{ secret: string; returnTo: string }> {
  const { external, returnTo } = await oidc.login.finish(request);
  const user = await users.record(external);
  if (!user) {
    throw new OidcLoginError(
      'no-role',
      `no group of ${external.name} (${external.subject}) is mapped to a role`,
    );
  }
  if (!user.enabled) throw new OidcLoginError('disabled', `${user.username} is disabled`);
  const caller = callerOf(request);
  const { secret, session } = await login.open(user, caller, sessionOf(request)?.id, oidc.sessionMaxMs);
  const detail = 'Signed in with OpenID Connect';
  audit({ ...entryOf(request, 'allowed', detail), username: user.username, credentialId: session.id });
  return { secret, returnTo };
}

function recordFailure(
  { audit, log }: OidcHandlerDeps,
  request: IncomingMessage,
  error: unknown,
): SignInFailure {
  const isUnavailable = error instanceof CamplaneError && error.kind === 'store-unavailable';
  const known =
    error instanceof OidcLoginError
      ? error
      : new OidcLoginError(isUnavailable ? 'store-unavailable' : 'rejected', 'sign-in failed', error);
  const cause = known.cause === undefined ? '' : `: ${reasonOf(known.cause)}`;
  const detail = `${known.message}${cause}`;
  log.warn({ failure: known.failure, reason: detail }, 'sign-in with OpenID Connect failed');
  audit(entryOf(request, 'refused', `OpenID Connect: ${detail}`));
  return known.failure;
}

function entryOf(
  request: IncomingMessage,
  outcome: 'allowed' | 'refused',
  detail: string,
): Omit<AuditEntry, 'id' | 'at'> {
  const { address } = callerOf(request);
  const who = { username: null, method: 'oidc', credentialId: null } as const;
  return { action: 'finishOidc', outcome, ...who, cameraId: null, address, detail };
}

function failed(response: Response, failure: SignInFailure): 'sent' {
  return redirect(response, `/?signInFailure=${failure}`);
}

function redirect(response: Response, address: string): 'sent' {
  response.set('Cache-Control', 'no-store').redirect(303, address);
  return 'sent';
}
