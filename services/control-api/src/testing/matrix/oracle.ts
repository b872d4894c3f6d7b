import type { CameraScope, PermissionName } from '@camplane/contracts/access';
import type { Operation } from '@camplane/contracts/operation';

/*
 * What each caller may do, worked out a second time: from the sentences of docs/reference/permissions.md, and without
 * the code that decides in control-api.
 */

export type MatrixCamera = { id: string; labels: Record<string, string>; isRegistered: boolean };

export type Grant = { permissions: readonly PermissionName[]; scope: CameraScope };

/** A caller: unknown to the server, or with the rights of its user and, for a token, at most those of the token. */
export type Caller = {
  name: string;
  headers: Record<string, string>;
  /** Address of its connections; 127.0.0.1 if absent. */
  localAddress?: string;
  rights: null | { user: readonly Grant[]; token: Grant | null };
};

/** `hidden`: as if the camera or detection did not exist. */
export type Outcome = 'allowed' | 'unauthenticated' | 'forbidden' | 'hidden';

/** Whether the caller has a permission: on a camera, on the installation, or on any camera at all. */
export function may(
  caller: Caller,
  permission: PermissionName,
  on: MatrixCamera | 'installation' | 'any',
): boolean {
  if (!caller.rights) return false;
  const { user, token } = caller.rights;
  const includes = (grants: readonly Grant[]) =>
    grants.filter((grant) => grant.permissions.includes(permission)).some(({ scope }) => isIn(scope, on));
  return includes(user) && (token === null || includes([token]));
}

function isIn(scope: CameraScope, on: MatrixCamera | 'installation' | 'any'): boolean {
  if (on === 'any' || scope.kind === 'all') return true;
  if (on === 'installation') return false;
  if (scope.kind === 'cameras') return scope.ids.includes(on.id);
  return on.isRegistered && on.labels[scope.key] === scope.value;
}

/** @param on the camera in the path, or of the detection in the path; undefined if the path has none */
export function expectedOf(
  caller: Caller,
  { permission, method, path, idOf = 'camera' }: Operation,
  on: MatrixCamera | undefined,
  isMalformed = false,
): Outcome {
  if (permission === 'none') return 'allowed';
  if (!caller.rights) return 'unauthenticated';
  if (permission === 'signed-in') return 'allowed';
  if (permission === 'user.manage' || permission === 'audit.view') {
    return may(caller, permission, 'installation') ? 'allowed' : 'forbidden';
  }
  if (!path.includes('{id}')) return may(caller, permission, 'any') ? 'allowed' : 'forbidden';
  if (!on || isMalformed) return 'hidden';
  if (idOf === 'detection') return may(caller, permission, on) ? 'allowed' : 'hidden';
  if (!may(caller, 'camera.view', on)) return 'hidden';
  if (!may(caller, permission, on)) return on.isRegistered ? 'forbidden' : 'hidden';
  // Changes of the matrix have invalid bodies, which are refused before the camera is looked up.
  return on.isRegistered || method !== 'get' ? 'allowed' : 'hidden';
}
