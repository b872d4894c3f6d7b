import { integerValue, textValue, urlValue, wordValue } from '@camplane/service-kit/environment-values';
import { isLoopback } from '@camplane/runtime/loopback';
import { StartupError } from '@camplane/service-kit/startup-error';
import { z } from 'zod';
import { operationPath } from '@camplane/contracts/operations';
import type { ExternalConfig } from './access/external/external-config.ts';
import { parseRoleMapping, roleMappingFormat } from './access/external/role-mapping.ts';
import { isNetwork } from './access/trusted-proxies.ts';

const hourMs = 3600_000;

const originValue = urlValue()
  .refine(
    (text) => new URL(text).origin === text,
    'must be an origin like https://cameras.example, without a path',
  )
  .meta({ description: 'origin: `https://…`' });

const issuerValue = urlValue()
  .refine(
    (text) => text.startsWith('https:') || isLoopback(new URL(text).hostname),
    'must begin with https:// unless the issuer is on this machine: its answers could be forged on the network',
  )
  .meta({ description: 'URL: `https://…`' });

const headerValue = textValue(64)
  .refine((text) => /^[A-Za-z0-9-]+$/.test(text), 'must be the name of a header')
  .meta({ description: 'name of a header' });

const mappingValue = z
  .string()
  .transform((text, context) => {
    const mapping = parseRoleMapping(text);
    if (mapping) return mapping;
    context.addIssue({ code: 'custom', message: `must be at most 50 entries ${roleMappingFormat}` });
    return z.NEVER;
  })
  .meta({ description: roleMappingFormat });

const networksValue = z
  .string()
  .transform((text) => text.split(',').map((item) => item.trim()))
  .refine(
    (items) => items.length <= 100 && items.every(isNetwork),
    'must be addresses or networks like 10.0.0.0/8, separated by commas',
  )
  .meta({ description: 'addresses and networks, separated by commas' });

/** Variables about users who sign in elsewhere, and about reverse proxies. */
export const externalVariables = {
  CAMPLANE_PUBLIC_URL: {
    schema: originValue.optional(),
    description:
      'Origin at which browsers open the dashboard. Required with `OIDC_ISSUER`: the redirect URI is this and ' +
      `\`${operationPath('finishOidc')}\`. It is also an allowed origin.`,
    example: 'https://cameras.example',
  },
  OIDC_ISSUER: {
    schema: issuerValue.optional(),
    description: 'Issuer identifier of an OpenID Connect provider, to sign in with it. Off if not set.',
    example: 'https://id.example/realms/home',
  },
  OIDC_CLIENT_ID: {
    schema: textValue(256).optional(),
    description: 'Client id of Camplane at the issuer.',
    example: 'camplane',
  },
  OIDC_CLIENT_SECRET: {
    schema: textValue(1024).optional(),
    description:
      'Client secret. Without it and `OIDC_CLIENT_SECRET_FILE`, Camplane is a public client; PKCE is always used.',
    secret: true,
  },
  OIDC_CLIENT_SECRET_FILE: {
    schema: textValue().optional(),
    description: 'File with the client secret.',
    example: '/etc/camplane/oidc-client-secret',
  },
  OIDC_SCOPES: {
    schema: textValue(512).refine((text) => text.split(' ').includes('openid'), 'must contain openid'),
    default: 'openid profile email',
    description: 'Scopes to request, separated by spaces.',
    example: 'openid profile email groups',
  },
  OIDC_GROUPS_CLAIM: {
    schema: textValue(128),
    default: 'groups',
    description:
      'Claim with the groups of a user: a list of texts or one text. `realm_access.roles` is a claim inside another. ' +
      '`email` counts only if the issuer has verified the address.',
    example: 'realm_access.roles',
  },
  OIDC_NAME: {
    schema: textValue(40),
    default: 'single sign-on',
    description: 'Name on the button of the login page: "Sign in with …".',
    example: 'Keycloak',
  },
  OIDC_AUDIENCE: {
    schema: textValue(256).optional(),
    description:
      'Audience (`aud`) of access tokens (JWT) of the issuer that the API accepts as `Authorization: Bearer`. If not set, ' +
      'they are refused. It must not be the client id, which is the audience of ID tokens.',
    example: 'https://cameras.example/api',
  },
  OIDC_SESSION_HOURS: {
    schema: integerValue(1, 720),
    default: '24',
    description:
      'How long a session that was opened with OpenID Connect lasts, in hours. Groups are read again at the next sign-in.',
    example: '8',
  },
  CAMPLANE_ROLE_MAPPING: {
    schema: mappingValue.optional(),
    description:
      'Which groups of the issuer or the proxy have which role on which cameras, separated by semicolons. Users without a ' +
      'mapped group are refused.',
    example: 'admins=admin@all; guards=viewer@label:site=north; family=viewer@cameras:door,garden',
  },
  CAMPLANE_TRUSTED_PROXIES: {
    schema: networksValue.optional(),
    description:
      'Addresses and networks of reverse proxies whose headers are believed: the address of the client, and with ' +
      '`CAMPLANE_PROXY_USER_HEADER` its user. Name the proxies alone: every other machine in a network could forge them.',
    example: '127.0.0.1,10.0.3.7',
  },
  CAMPLANE_FORWARDED_HEADER: {
    schema: wordValue(['x-forwarded-for', 'forwarded']),
    default: 'x-forwarded-for',
    description:
      'Header in which trusted proxies name the client; they must set or extend it. The other one is ignored.',
    example: 'forwarded',
  },
  CAMPLANE_PROXY_USER_HEADER: {
    schema: headerValue.optional(),
    description:
      'Header in which trusted proxies name the user whom they have authenticated. Off if not set. The proxy must remove it ' +
      'from requests of clients.',
    example: 'X-Forwarded-User',
  },
  CAMPLANE_PROXY_GROUPS_HEADER: {
    schema: headerValue,
    default: 'X-Forwarded-Groups',
    description: 'Header with the groups of that user, separated by commas.',
    example: 'Remote-Groups',
  },
} as const;

type ExternalEnvironment = {
  readonly [K in keyof typeof externalVariables]: z.output<(typeof externalVariables)[K]['schema']>;
};

/** @throws StartupError if a variable needs another one */
export function externalFrom(env: ExternalEnvironment & { CAMPLANE_AUTH: 'local' | 'none' }): ExternalConfig {
  const { CAMPLANE_PUBLIC_URL: publicUrl, CAMPLANE_ROLE_MAPPING: roleMapping } = env;
  const oidc = oidcFrom(env);
  const proxyLogin = proxyLoginFrom(env);
  for (const [variable, isSet] of [
    ['OIDC_ISSUER', oidc !== undefined],
    ['CAMPLANE_PROXY_USER_HEADER', proxyLogin !== undefined],
  ] as const) {
    if (!isSet) continue;
    if (env.CAMPLANE_AUTH === 'none') {
      throw new StartupError(`${variable} has no effect with CAMPLANE_AUTH=none: remove one of them`);
    }
    requireSet(roleMapping !== undefined, 'CAMPLANE_ROLE_MAPPING', variable);
  }
  return {
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(roleMapping === undefined ? {} : { roleMapping }),
    ...(oidc === undefined ? {} : { oidc }),
    ...(proxyLogin === undefined ? {} : { proxyLogin }),
    trustedProxies: env.CAMPLANE_TRUSTED_PROXIES ?? [],
    forwardedHeader: env.CAMPLANE_FORWARDED_HEADER,
  };
}

function oidcFrom(env: ExternalEnvironment): ExternalConfig['oidc'] {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_AUDIENCE: audience } = env;
  const { OIDC_CLIENT_SECRET: clientSecret, OIDC_CLIENT_SECRET_FILE: clientSecretFile } = env;
  if (issuer === undefined) return undefined;
  requireSet(env.CAMPLANE_PUBLIC_URL !== undefined, 'CAMPLANE_PUBLIC_URL', 'OIDC_ISSUER');
  requireSet(clientId !== undefined, 'OIDC_CLIENT_ID', 'OIDC_ISSUER');
  if (clientSecret !== undefined && clientSecretFile !== undefined) {
    throw new StartupError('OIDC_CLIENT_SECRET and OIDC_CLIENT_SECRET_FILE are set: remove one of them');
  }
  if (audience === clientId) {
    throw new StartupError(
      'OIDC_AUDIENCE must not be OIDC_CLIENT_ID: ID tokens have that audience, and would be accepted as access tokens',
    );
  }
  return {
    issuer,
    clientId,
    ...(clientSecret === undefined ? {} : { clientSecret }),
    ...(clientSecretFile === undefined ? {} : { clientSecretFile }),
    scopes: env.OIDC_SCOPES,
    groupsClaim: env.OIDC_GROUPS_CLAIM,
    name: env.OIDC_NAME,
    ...(audience === undefined ? {} : { audience }),
    sessionMaxMs: env.OIDC_SESSION_HOURS * hourMs,
  };
}

function proxyLoginFrom(env: ExternalEnvironment): ExternalConfig['proxyLogin'] {
  const { CAMPLANE_PROXY_USER_HEADER: userHeader, CAMPLANE_PROXY_GROUPS_HEADER: groupsHeader } = env;
  if (userHeader === undefined) return undefined;
  requireSet(
    env.CAMPLANE_TRUSTED_PROXIES !== undefined,
    'CAMPLANE_TRUSTED_PROXIES',
    'CAMPLANE_PROXY_USER_HEADER',
  );
  return { userHeader, groupsHeader };
}

function requireSet(isSet: boolean, variable: string, by: string): asserts isSet {
  if (!isSet) throw new StartupError(`${variable} is not set: ${by} needs it`);
}
