import type { Clock, WallClock } from '@camplane/runtime/clock';
import type { Logger } from '@camplane/service-kit/logging';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { createHash } from 'node:crypto';
import type { ExternalCredential } from '../principal.ts';
import { groupsOf, namesOf } from './claims.ts';
import type { OidcConfig } from './external-config.ts';
import { IssuerUnreachable, reasonOf } from './oidc-issuer.ts';
import type { OidcIssuer } from './oidc-issuer.ts';
import { mappedGroups } from './role-mapping.ts';
import type { RoleMapping } from './role-mapping.ts';

/** Asymmetric alone: with `none` or a shared secret, others than the issuer could make tokens (RFC 8725, 3.1). */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const clockToleranceSeconds = 5;
const tokenMaxLength = 16_384;
const defaultCooldownMs = 30_000;
/** Keys are read again this often, so that one that the issuer withdrew is refused. */
const reloadIntervalMs = 600_000;

/** Access tokens of the issuer (RFC 9068) on the API. */
export type AccessTokens = {
  /** @returns the credential, or why the token is not accepted */
  verify(token: string): Promise<ExternalCredential | string>;
};

/**
 * The keys of the issuer are kept in memory: while it is unreachable, known keys stay valid, and an unknown one is
 * refused.
 */
export function createAccessTokens(
  config: OidcConfig & { audience: string },
  deps: {
    issuer: OidcIssuer;
    mapping: readonly RoleMapping[];
    clock: Pick<Clock, 'now'>;
    wallClock: WallClock;
    log: Logger;
  },
): AccessTokens {
  const { mapping, wallClock, log } = deps;
  const keys = createIssuerKeys(config, deps);
  return {
    verify: async (token) => {
      if (token.length > tokenMaxLength) return 'the access token is too long';
      try {
        const { issuer, getKey } = await keys();
        const { payload } = await jwtVerify(token, getKey, {
          algorithms,
          issuer,
          audience: config.audience,
          requiredClaims: ['exp', 'sub'],
          clockTolerance: clockToleranceSeconds,
          currentDate: new Date(wallClock.epochMs()),
        });
        return credentialOf(token, payload, config, mapping);
      } catch (error) {
        log.debug({ err: error }, 'access token refused');
        return refusalOf(error);
      }
    },
  };
}

/** The issuer's keys, which are read once, then at intervals, and for a key that is not known. */
function createIssuerKeys(
  { keyCooldownMs = defaultCooldownMs }: OidcConfig,
  { issuer, clock, log }: { issuer: OidcIssuer; clock: Pick<Clock, 'now'>; log: Logger },
): () => Promise<{ issuer: string; getKey: JWTVerifyGetKey }> {
  let keys: ReturnType<typeof createRemoteJWKSet> | undefined;
  let reloadedAtMs = clock.now();
  return async () => {
    const { jwks_uri: address, issuer: name } = (await issuer.configuration()).serverMetadata();
    if (!keys) {
      if (address === undefined) throw new IssuerUnreachable('', new Error('it names no jwks_uri'));
      keys = createRemoteJWKSet(new URL(address), { cacheMaxAge: Infinity, cooldownDuration: keyCooldownMs });
      reloadedAtMs = clock.now();
    } else if (clock.now() - reloadedAtMs > reloadIntervalMs) {
      reloadedAtMs = clock.now();
      // Not awaited: the known keys answer meanwhile, and if the issuer is unreachable.
      keys.reload().catch((error: unknown) => {
        log.warn({ reason: reasonOf(error) }, 'keys of the issuer not reloaded, will retry');
      });
    }
    return { issuer: name, getKey: keys };
  };
}

function credentialOf(
  token: string,
  payload: JWTPayload,
  { groupsClaim }: OidcConfig,
  mapping: readonly RoleMapping[],
): ExternalCredential {
  return {
    kind: 'jwt',
    // The token itself must not be in the audit log, and `jti` is optional.
    id: createHash('sha256').update(token).digest('base64url'),
    issuer: String(payload.iss),
    subject: String(payload.sub),
    ...namesOf(payload),
    groups: mappedGroups(mapping, groupsOf(payload, groupsClaim)),
    expiresAtMs: (payload.exp ?? 0) * 1000,
  };
}

function refusalOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'the access token has expired';
  if (error instanceof errors.JWTClaimValidationFailed)
    return `the access token has the wrong ${error.claim}`;
  if (error instanceof errors.JOSEAlgNotAllowed)
    return 'the access token has an algorithm that is not allowed';
  const isOutage =
    error instanceof IssuerUnreachable || error instanceof errors.JWKSTimeout || error instanceof TypeError;
  if (isOutage) return 'the issuer is unreachable, so the key of the access token is not known';
  return 'the access token is not valid';
}
