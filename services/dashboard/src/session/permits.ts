import type { CurrentSession, PermissionName } from '@camplane/contracts/access';
import { includesRight } from '@camplane/contracts/rights';
import type { CameraIdentity } from '@camplane/contracts/rights';

/** What the page offers. The server decides again on each request. */
export type Permits = {
  camera: (permission: PermissionName, camera: CameraIdentity) => boolean;
  /** On any camera at all. */
  some: (permission: PermissionName) => boolean;
  /** Adding a camera. Rights on named cameras do not include it; those on a label do, if the new camera has it. */
  addCamera: boolean;
  /** On the installation: users, the audit log. */
  installation: (permission: PermissionName) => boolean;
};

export function permitsOf({ method, rights }: Pick<CurrentSession, 'method' | 'rights'>): Permits {
  const unrestricted = method === 'none';
  return {
    camera: (permission, camera) => unrestricted || includesRight(rights, permission, camera),
    some: (permission) => unrestricted || rights.some(({ permissions }) => permissions.includes(permission)),
    addCamera:
      unrestricted ||
      rights.some(
        ({ permissions, scope }) => permissions.includes('camera.configure') && scope.kind !== 'cameras',
      ),
    installation: (permission) => unrestricted || includesRight(rights, permission, null),
  };
}
