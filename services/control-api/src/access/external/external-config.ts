import type { RoleMapping } from './role-mapping.ts';

/** OpenID Connect. */
export type OidcConfig = {
  issuer: string;
  clientId: string;
  /** Absent, as its file: a public client. */
  clientSecret?: string;
  clientSecretFile?: string;
  /** Separated by spaces. */
  scopes: string;
  groupsClaim: string;
  /** On the button of the login page. */
  name: string;
  /** Audience of access tokens for the API; absent: they are refused. */
  audience?: string;
  sessionMaxMs: number;
  /** How often keys are read again for a key that is not known. */
  keyCooldownMs?: number;
};

/** Headers in which an authenticating proxy names the user. */
export type ProxyLoginConfig = { userHeader: string; groupsHeader: string };

/** Who signs in elsewhere. */
export type ExternalConfig = {
  /** Origin at which browsers reach the dashboard. */
  publicUrl?: string;
  roleMapping?: readonly RoleMapping[];
  oidc?: OidcConfig;
  proxyLogin?: ProxyLoginConfig;
  /** Addresses and networks of reverse proxies. */
  trustedProxies?: readonly string[];
  /** The header in which these proxies name the client. */
  forwardedHeader?: 'x-forwarded-for' | 'forwarded';
};
