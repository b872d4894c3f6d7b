import { operations } from '@camplane/contracts/operations';
import type { TestIssuer } from '@camplane/testkit/test-issuer';
import { parseRoleMapping } from '../access/external/role-mapping.ts';
import type { ExternalConfig } from '../access/external/external-config.ts';

/** The name does not resolve: tests call the API at its own address. */
export const publicUrl = 'https://cameras.example';
export const redirectUri = `${publicUrl}${operations.finishOidc.path}`;

export const testMapping = 'bosses=admin@all; guards=viewer@label:site=north; programs=operator@cameras:yard';

export function oidcConfigOf(issuer: TestIssuer, mapping = testMapping): ExternalConfig {
  return {
    publicUrl,
    roleMapping: parseRoleMapping(mapping) ?? [],
    oidc: {
      issuer: issuer.url,
      clientId: issuer.client.id,
      clientSecret: issuer.client.secret,
      scopes: 'openid profile email groups',
      groupsClaim: 'groups',
      name: 'the test issuer',
      audience: issuer.audience,
      sessionMaxMs: 8 * 3600_000,
      keyCooldownMs: 200,
    },
  };
}
