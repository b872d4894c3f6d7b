import type { AuditEntry, CameraScope, Grant, PermissionName, Role } from '@camplane/contracts/access';
import type { Camera } from '@camplane/contracts/camera-http';
import { displayNameOf } from '../live/cameras-state.ts';

/** `short`: in a list; `long`: beside a checkbox. */
export const permissionTexts: Record<PermissionName, { short: string; long: string }> = {
  'camera.view': { short: 'view', long: 'View cameras, live video and their state' },
  'camera.operate': { short: 'operate', long: 'Start and stop cameras' },
  'camera.configure': { short: 'configure', long: 'Add, change and delete cameras' },
  'detection.view': { short: 'see detections', long: 'See detections and their images' },
  'user.manage': { short: 'manage users', long: 'Manage users, roles and their tokens' },
  'audit.view': { short: 'read the audit log', long: 'Read the audit log' },
};

const namedMax = 3;

/** `all cameras`, `Door and Yard`, `cameras with site = north`. */
export function scopeText(
  scope: CameraScope,
  cameras: readonly Pick<Camera, 'id' | 'displayName'>[],
): string {
  switch (scope.kind) {
    case 'all':
      return 'all cameras';
    case 'label':
      return `cameras with ${scope.key} = ${scope.value === '' ? '(empty)' : scope.value}`;
    case 'cameras': {
      const names = scope.ids.map((id) => {
        const camera = cameras.find((one) => one.id === id);
        return camera ? displayNameOf(camera) : id;
      });
      if (names.length > namedMax) {
        return `${names.slice(0, namedMax - 1).join(', ')} and ${names.length - namedMax + 1} more`;
      }
      return listText(names);
    }
  }
}

/** `viewer of Door and Yard; operator of all cameras`. */
export function grantsText(
  grants: readonly Grant[],
  cameras: readonly Pick<Camera, 'id' | 'displayName'>[],
): string {
  if (grants.length === 0) return 'no access';
  return grants.map(({ role, scope }) => `${role} of ${scopeText(scope, cameras)}`).join('; ');
}

export const outcomeTexts: Record<AuditEntry['outcome'], string> = {
  allowed: 'Allowed',
  refused: 'Refused',
  failed: 'Failed',
};

/** `1 January 2026`. `zone` is for tests. */
export function exactDayText(atMs: number, zone?: string): string {
  const options = zone === undefined ? {} : { timeZone: zone };
  return new Intl.DateTimeFormat('en-GB', { ...options, dateStyle: 'long' }).format(atMs);
}

/** What a role permits, as a sentence. */
export function roleHint(role: Role | undefined): string {
  if (!role) return '';
  const texts = role.permissions.map((permission) => permissionTexts[permission].short);
  return `May ${listText(texts)}.`;
}

function listText(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}
