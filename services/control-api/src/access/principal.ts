import type { CameraScope, PermissionName } from '@camplane/contracts/access';

/** Permissions on a set of cameras: a grant with its role resolved, limited by the credential's own limits. */
export type Right = { permissions: ReadonlySet<PermissionName>; scope: CameraScope };

/** A session or API token. */
export type StoredCredential = { kind: 'session' | 'token'; id: string };

/**
 * What is stored nowhere: an access token of the issuer, or the headers of an authenticating proxy. It says who the user is
 * there and which of their groups are mapped to roles, until it expires.
 */
export type ExternalCredential = {
  kind: 'jwt' | 'proxy';
  id: string;
  issuer: string;
  subject: string;
  name: string;
  displayName: string;
  groups: readonly string[];
  expiresAtMs: number;
};

/** What a caller proved who they are with. `id` is for audit and revocation. */
export type Credential = StoredCredential | ExternalCredential;

/** Who makes a request. `rights` are those at the time of the request; see `Access.refresh` for long connections. */
export type Principal =
  | { kind: 'anonymous' }
  | {
      kind: 'user';
      userId: string;
      username: string;
      credential: Credential;
      /** All of them must grant a permission: the user's, and for a token the token's own limits. */
      limits: readonly (readonly Right[])[];
    }
  /** Another service of this installation, or everybody where access control is off (`CAMPLANE_AUTH=none`). */
  | { kind: 'unrestricted'; name: string };

export const anonymous: Principal = { kind: 'anonymous' };
