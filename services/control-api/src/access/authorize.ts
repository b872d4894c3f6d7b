import type { CameraScope, PermissionName } from '@camplane/contracts/access';
import type { Principal, Right } from './principal.ts';

/** What a decision needs to know of a camera. */
export type CameraIdentity = { id: string; labels: Readonly<Record<string, string>> };

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

/** The installation is covered by the scope `all` alone. */
function covers(scope: CameraScope, camera: CameraIdentity | null): boolean {
  switch (scope.kind) {
    case 'all':
      return true;
    case 'cameras':
      return camera !== null && scope.ids.includes(camera.id);
    case 'label':
      return camera?.labels[scope.key] === scope.value;
  }
}
