import type { CameraScope, PermissionName } from './access.ts';

/** The facts about a camera that decide who may do what to it. */
export type CameraIdentity = { id: string; labels: Readonly<Record<string, string>> };

/** Permissions on a set of cameras. */
export type GrantedRight = { permissions: readonly PermissionName[]; scope: CameraScope };

/** Whether rights include a permission on a camera, or on the installation (`null`). */
export function includesRight(
  rights: readonly GrantedRight[],
  permission: PermissionName,
  camera: CameraIdentity | null,
): boolean {
  return rights.some(({ permissions, scope }) => permissions.includes(permission) && covers(scope, camera));
}

/** Whether a scope covers a camera, or the installation (`null`), which the scope `all` alone covers. */
export function covers(scope: CameraScope, camera: CameraIdentity | null): boolean {
  switch (scope.kind) {
    case 'all':
      return true;
    case 'cameras':
      return camera !== null && scope.ids.includes(camera.id);
    case 'label':
      return (
        camera !== null && Object.hasOwn(camera.labels, scope.key) && camera.labels[scope.key] === scope.value
      );
  }
}

/** Whether a permission is granted on cameras. The others are granted on the installation. */
export function isOnCameras(permission: PermissionName): boolean {
  return permission.startsWith('camera.') || permission.startsWith('detection.');
}
