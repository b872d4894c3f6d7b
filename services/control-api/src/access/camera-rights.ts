import type { PermissionName } from '@camplane/contracts/access';
import { CamplaneError } from '@camplane/contracts/problem';
import { cameraNotFound } from '../cameras/camera-not-found.ts';
import { authorize } from './authorize.ts';
import type { CameraIdentity } from './authorize.ts';
import type { Principal } from './principal.ts';

/** The registered cameras with their labels. Answers from memory, so that absent and hidden cameras take the same time. */
export type CameraDirectory = {
  identity(id: string): RegisteredCamera | undefined;
  identities(): RegisteredCamera[];
};

/** `createdAtMs`: when it was registered, on the wall clock; absent if that is unknown. */
export type RegisteredCamera = CameraIdentity & { createdAtMs?: number };

/** Whether a principal has a permission on a camera. Without labels, an unregistered one is covered by id alone. */
export function hasRight(
  principal: Principal,
  permission: PermissionName,
  id: string,
  cameras: CameraDirectory,
): boolean {
  return authorize(principal, permission, cameras.identity(id) ?? { id, labels: {} });
}

/**
 * Refuses what a principal may not do to a camera. One that it may not see answers like one that does not exist,
 * also if it has other permissions on it.
 *
 * @throws CamplaneError `camera-not-found`, `forbidden`
 */
export function requireOnCamera(
  principal: Principal,
  permission: PermissionName,
  id: string,
  cameras: CameraDirectory,
): void {
  if (!hasRight(principal, 'camera.view', id, cameras)) throw cameraNotFound(id);
  if (hasRight(principal, permission, id, cameras)) return;
  throw cameras.identity(id) ? forbidden(permission, id) : cameraNotFound(id);
}

/** Detections of a camera, from a time on if an earlier camera had its id. */
export type DetectionsOfCamera = { cameraId: string; sinceMs: number };

/**
 * The detections that a principal may read. Detections outlive their camera: those of a camera that was deleted and
 * created again are for the scope 'all' alone, because the grants on the new camera were not made for them.
 */
export function readableDetections(
  principal: Principal,
  cameras: CameraDirectory,
): 'all' | DetectionsOfCamera[] {
  // The installation is covered by the scope `all` alone.
  if (authorize(principal, 'detection.view', null)) return 'all';
  const registered = cameras.identities().map(({ id }) => id);
  const ids = new Set([...registered, ...namedCameras(principal)]);
  return [...ids]
    .filter((id) => hasRight(principal, 'detection.view', id, cameras))
    .map((cameraId) => ({ cameraId, sinceMs: cameras.identity(cameraId)?.createdAtMs ?? 0 }));
}

/** Whether a principal has a permission on a detection of this camera and time; see {@link readableDetections}. */
export function hasRightOnDetection(
  principal: Principal,
  permission: PermissionName,
  { cameraId, capturedAtMs }: { cameraId: string; capturedAtMs: number },
  cameras: CameraDirectory,
): boolean {
  if (authorize(principal, permission, null)) return true;
  const isOfCamera = capturedAtMs >= (cameras.identity(cameraId)?.createdAtMs ?? 0);
  return isOfCamera && hasRight(principal, permission, cameraId, cameras);
}

/** Detections outlive their cameras, so the named cameras count whether they are registered or not. */
function namedCameras(principal: Principal): string[] {
  if (principal.kind !== 'user') return [];
  return principal.limits.flat().flatMap(({ scope }) => (scope.kind === 'cameras' ? scope.ids : []));
}

export function forbidden(permission: PermissionName, cameraId?: string): CamplaneError {
  const where = cameraId === undefined ? '' : ` on camera '${cameraId}'`;
  return new CamplaneError(
    'forbidden',
    `This needs the permission ${permission}${where}: ask an administrator for it`,
  );
}
