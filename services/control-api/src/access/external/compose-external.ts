import type { Clock, WallClock } from '@camplane/runtime/clock';
import type { Logger } from '@camplane/service-kit/logging';
import type { IdentityStore } from '../identity-store.ts';
import type { TrustedProxies } from '../trusted-proxies.ts';
import { createExternalAccess } from './external-access.ts';
import type { ExternalAccess } from './external-access.ts';
import type { ExternalConfig } from './external-config.ts';
import { createExternalUsers } from './external-users.ts';
import type { ExternalUsers } from './external-users.ts';
import type { OidcHandlerDeps } from './oidc-handlers.ts';
import { createOidcIssuer } from './oidc-issuer.ts';
import { createOidcLogin } from './oidc-login.ts';

/** The parts of signing in elsewhere. The issuer is read when it is needed first, so that it may be unreachable at the start. */
export function composeExternal(
  config: ExternalConfig,
  deps: {
    store: IdentityStore;
    proxies: TrustedProxies;
    clock: Pick<Clock, 'now'>;
    wallClock: WallClock;
    log: Logger;
  },
): { users: ExternalUsers; oidcLogin: OidcHandlerDeps['oidc'] | undefined; externalAccess: ExternalAccess } {
  const { oidc, publicUrl, roleMapping: mapping = [] } = config;
  const users = createExternalUsers({ ...deps, mapping });
  const issuer = oidc && createOidcIssuer(oidc, deps.clock);
  const externalAccess = createExternalAccess(config, { ...deps, users, issuer });
  const oidcLogin =
    oidc && issuer && publicUrl !== undefined
      ? {
          login: createOidcLogin({ config: oidc, publicUrl, issuer, mapping }),
          publicUrl,
          sessionMaxMs: oidc.sessionMaxMs,
        }
      : undefined;
  return { users, oidcLogin, externalAccess };
}
