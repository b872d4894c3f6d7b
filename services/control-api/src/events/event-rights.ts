import { serverEventPermissions } from '@camplane/contracts/events';
import type { PermissionName } from '@camplane/contracts/access';
import type { Access } from '../access/access.ts';
import { hasRight, hasRightOnDetection } from '../access/camera-rights.ts';
import type { CameraDirectory } from '../access/camera-rights.ts';
import type { Principal } from '../access/principal.ts';
import type { EventBody } from './event-socket.ts';

/** What an event client may see. Every message is decided by the rights of its moment. */
export type EventRights = {
  allows(event: EventBody): boolean;
  mayView(cameraId: string): boolean;
  /** False once the session or token, or its user, has ended. */
  isValid(): boolean;
  /** Follows changed rights or labels. @returns the cameras that became visible and those that no longer are */
  follow(): { gained: string[]; lost: string[] };
};

export function createEventRights(
  signedIn: Principal,
  { access, cameras }: { access: Pick<Access, 'refresh'>; cameras: CameraDirectory },
): EventRights {
  let principal: Principal | null = signedIn;

  const has = (permission: PermissionName, cameraId: string): boolean =>
    principal !== null && hasRight(principal, permission, cameraId, cameras);
  const mayView = (cameraId: string): boolean => has('camera.view', cameraId);
  const viewed = (): Set<string> =>
    new Set(cameras.identities().flatMap(({ id }) => (mayView(id) ? [id] : [])));

  /** A camera that is removed has no labels any more: whether the client saw it decides. */
  let visible = viewed();

  return {
    mayView,
    allows: (event) => {
      if (!('cameraId' in event)) return true;
      if (event.type === 'stream:removed') return visible.delete(event.cameraId);
      if (event.type === 'detection') {
        const capturedAtMs = Date.parse(event.capturedAt);
        const origin = { cameraId: event.cameraId, capturedAtMs };
        return (
          principal !== null &&
          hasRightOnDetection(principal, serverEventPermissions.detection, origin, cameras)
        );
      }
      const isAllowed = has(serverEventPermissions[event.type], event.cameraId);
      if (isAllowed) visible.add(event.cameraId);
      return isAllowed;
    },
    isValid: () => {
      principal = principal && access.refresh(principal);
      return principal !== null;
    },
    follow: () => {
      const before = visible;
      visible = viewed();
      return {
        gained: [...visible].filter((id) => !before.has(id)),
        lost: [...before].filter((id) => !visible.has(id)),
      };
    },
  };
}
