import type { PermissionName } from '@camplane/contracts/access';
import { covers } from '@camplane/contracts/rights';
import type { CameraIdentity } from '@camplane/contracts/rights';
import type { Principal, Right } from './principal.ts';

export type { CameraIdentity };

/**
 * Whether a principal may do something: to this camera, or to the installation (`null`). Pure; every decision of the
 * API, the events and the media server is made here.
 */
export function authorize(
  principal: Principal,
  permission: PermissionName,
  camera: CameraIdentity | null,
): boolean {
  switch (principal.kind) {
    case 'anonymous':
      return false;
    case 'unrestricted':
      return true;
    case 'user':
      return principal.limits.every((rights) => grants(rights, permission, camera));
  }
}

/** Whether a principal has a permission on any camera at all. */
export function authorizeSome(principal: Principal, permission: PermissionName): boolean {
  if (principal.kind !== 'user') return principal.kind === 'unrestricted';
  return principal.limits.every((rights) => rights.some(({ permissions }) => permissions.has(permission)));
}

function grants(
  rights: readonly Right[],
  permission: PermissionName,
  camera: CameraIdentity | null,
): boolean {
  return rights.some(({ permissions, scope }) => permissions.has(permission) && covers(scope, camera));
}
