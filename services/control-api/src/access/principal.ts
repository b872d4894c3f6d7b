import type { CameraScope, PermissionName } from '@camplane/contracts/access';

/** Permissions on a set of cameras: a grant with its role resolved, limited by the credential's own limits. */
export type Right = { permissions: ReadonlySet<PermissionName>; scope: CameraScope };

/** What a caller proved who they are with. `id` is that of the session or token, for audit and revocation. */
export type Credential = { kind: 'session' | 'token'; id: string };

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
