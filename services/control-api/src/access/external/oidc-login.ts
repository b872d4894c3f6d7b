import type { SignInFailure } from '@camplane/contracts/access';
import { operations } from '@camplane/contracts/operations';
import type { IncomingMessage } from 'node:http';
import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type { Configuration } from 'openid-client';
import { groupsOf, namesOf } from './claims.ts';
import type { Claims } from './claims.ts';
import type { OidcConfig } from './external-config.ts';
import type { ExternalIdentity } from './external-identity.ts';
import { IssuerUnreachable, isUnreachable } from './oidc-issuer.ts';
import type { OidcIssuer } from './oidc-issuer.ts';
import { transactionOf } from './oidc-transaction.ts';
import type { OidcTransaction } from './oidc-transaction.ts';
import { mappedGroups } from './role-mapping.ts';
import type { RoleMapping } from './role-mapping.ts';

/** Why a sign-in failed: a code for the dashboard, a sentence for the logs. */
export class OidcLoginError extends Error {
  readonly failure: SignInFailure;
  constructor(failure: SignInFailure, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'OidcLoginError';
    this.failure = failure;
  }
}

/** The authorization code flow with PKCE (RFC 7636), state and nonce (OpenID Connect Core 1.0, 3.1). */
export type OidcLogin = {
  /** @returns where to send the browser, and what it has to keep. @throws OidcLoginError */
  start(returnTo: string): Promise<{ address: string; transaction: OidcTransaction }>;
  /** Who has signed in, from the request to the redirect URI. @throws OidcLoginError */
  finish(request: IncomingMessage): Promise<{ external: ExternalIdentity; returnTo: string }>;
};

export function createOidcLogin(deps: {
  config: OidcConfig;
  publicUrl: string;
  issuer: OidcIssuer;
  mapping: readonly RoleMapping[];
}): OidcLogin {
  const { config, publicUrl, issuer, mapping } = deps;
  const redirectUri = `${publicUrl}${operations.finishOidc.path}`;
  const isSecure = publicUrl.startsWith('https:');
  const configuration = (): Promise<Configuration> =>
    issuer.configuration().catch((error: unknown) => {
      throw failureOf(error);
    });

  return {
    start: async (returnTo) => {
      const transaction = {
        state: randomState(),
        nonce: randomNonce(),
        verifier: randomPKCECodeVerifier(),
        returnTo,
      };
      const address = buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirectUri,
        scope: config.scopes,
        state: transaction.state,
        nonce: transaction.nonce,
        code_challenge: await calculatePKCECodeChallenge(transaction.verifier),
        code_challenge_method: 'S256',
      });
      return { address: address.href, transaction };
    },
    finish: async (request) => {
      const transaction = transactionOf(request, isSecure);
      if (!transaction) {
        throw new OidcLoginError(
          'interrupted',
          'the browser has not started a sign-in, or more than 10 minutes ago',
        );
      }
      // The public address, since a proxy may have changed host and scheme.
      const address = new URL(redirectUri);
      address.search = new URL(request.url ?? '', redirectUri).search;
      requireNoError(address.searchParams, transaction);
      const server = await configuration();
      const claims = await claimsOf(server, address, transaction, config.groupsClaim);
      const groups = mappedGroups(mapping, groupsOf(claims, config.groupsClaim));
      const external = {
        issuer: server.serverMetadata().issuer,
        subject: String(claims['sub']),
        groups,
        ...namesOf(claims),
      };
      return { external, returnTo: transaction.returnTo };
    },
  };
}

/** RFC 6749, 4.1.2.1. An error without the state of this browser belongs to another sign-in. */
function requireNoError(parameters: URLSearchParams, { state }: OidcTransaction): void {
  const error = parameters.get('error');
  if (error === null || parameters.get('state') !== state) return;
  const failure = error === 'access_denied' ? 'denied' : 'rejected';
  throw new OidcLoginError(failure, `the issuer answered ${error.slice(0, 100)}`);
}

/** The claims of the ID token, with those of userinfo if the groups are not in it. @throws OidcLoginError */
async function claimsOf(
  configuration: Configuration,
  address: URL,
  { state, nonce, verifier }: OidcTransaction,
  groupsClaim: string,
): Promise<Claims> {
  try {
    const tokens = await authorizationCodeGrant(configuration, address, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    const claims: Claims = { ...tokens.claims() };
    const hasUserInfo = configuration.serverMetadata().userinfo_endpoint !== undefined;
    if (groupsOf(claims, groupsClaim).length > 0 || !hasUserInfo) return claims;
    return { ...(await fetchUserInfo(configuration, tokens.access_token, String(claims['sub']))), ...claims };
  } catch (error) {
    throw failureOf(error);
  }
}

function failureOf(error: unknown): OidcLoginError {
  if (error instanceof IssuerUnreachable || isUnreachable(error)) {
    return new OidcLoginError('issuer-unreachable', 'the issuer cannot be reached', error);
  }
  return new OidcLoginError('rejected', 'the answer of the issuer is not valid', error);
}
