import { builtInRoles, permissionNameSchema } from '@camplane/contracts/access';
import type { PermissionName } from '@camplane/contracts/access';
import { serverEventPermissions } from '@camplane/contracts/events';
import type { Operation, Permission } from '@camplane/contracts/operation';
import { operations } from '@camplane/contracts/operations';
import { isOnCameras } from '@camplane/contracts/rights';
import { code, markdownTable, pageHead } from './markdown-table.ts';

const permissionNotes: Record<Permission, string> = {
  none: 'callable without signing in',
  'signed-in': 'callable by every signed-in user, each for their own data',
  'camera.view': 'read a camera and its status, watch its video, follow its events',
  'camera.operate': 'start and stop a camera',
  'camera.configure': 'add, change, delete and probe cameras',
  'detection.view': 'read detections and their images',
  'user.manage': 'manage users, roles, and the sessions and API tokens of others',
  'audit.view': 'read the audit log',
};

/** docs/reference/permissions.md: which permission each operation and message needs, and which roles have it. */
export function permissionsPage(): string {
  const routes = Object.entries<Operation>(operations).map(([id, operation]) => [
    code(`${operation.upgrade ? 'WS' : operation.method.toUpperCase()} ${operation.path}`),
    code(id),
    code(operation.permission),
    decidedBy(id, operation),
  ]);
  const messages = Object.entries(serverEventPermissions).map(([type, permission]) => [
    code(type),
    code(permission),
  ]);
  const roles = Object.keys(builtInRoles) as (keyof typeof builtInRoles)[];
  const permissions = Object.entries(permissionNotes).map(([permission, note]) => [
    code(permission),
    note,
    ...roles.map((role) => (hasPermission(builtInRoles[role], permission) ? 'yes' : '')),
  ]);
  return `${pageHead('Permissions', '`packages/contracts/src/operations.ts`, `events.ts` and `access.ts`')}
A user has grants: a role on all cameras, on named cameras, or on the cameras with a label. An API token has permissions on such a set of cameras, and never more than its user. The server checks every operation and every message; it refuses an operation before it reads the body.

- The files of the dashboard and of the page of the API (\`/docs\`) are served without signing in: they contain no data.
- Without a valid session or API token, an operation answers 401 \`unauthenticated\`.
- A camera that the caller may not view answers like one that does not exist, and so do its detections.
- Otherwise an operation that is not permitted answers 403 \`forbidden\` and names the missing permission.
- Permissions on the installation (\`user.manage\`, \`audit.view\`) count with the scope "all cameras" only.
- Ids of cameras are unique, so who may create cameras with a label learns that an id is taken (409 \`camera-exists\`) although the camera is hidden, and nothing else about it.
- Detections outlive their camera. If it is created again under the same id, only the scope "all cameras" covers the earlier ones.

## Permissions and roles

${markdownTable(['Permission', 'Allows to', ...roles.map(code)], permissions)}

Installations can add other roles. Built-in roles cannot be changed.

## Operations

${markdownTable(['Route', 'Operation', 'Permission', 'Decided by'], routes)}

## Messages of ${code(operations.followEvents.path)}

Each message is checked when it is sent, against the rights at that time. A client that loses a camera receives \`stream:removed\` for it; one whose session or token ends is disconnected with code 4401.

${markdownTable(['Message', 'Permission on its camera'], messages)}
`;
}

function hasPermission(role: readonly PermissionName[], permission: string): boolean {
  const known = permissionNameSchema.safeParse(permission);
  return known.success && role.includes(known.data);
}

function decidedBy(id: string, { path, permission, idOf = 'camera' }: Operation): string {
  if (permission === 'none') return '';
  if (permission === 'signed-in') return 'the session or token';
  if (!isOnCameras(permission)) return 'the installation';
  if (path.includes('{id}')) return idOf === 'detection' ? 'the camera of the detection' : 'the camera';
  return bodyDecides[id] ?? 'any camera; the answer has the permitted ones';
}

/** Operations on cameras without one in their path. The others list. */
const bodyDecides: Record<string, string> = {
  followEvents: 'any camera; each message by its own',
  followCameras: 'any camera; each watched camera, as long as it is watched',
  createCamera: 'id and labels of the new camera',
  createStream: 'id of the new camera',
  probeSource: 'any camera, or that of `cameraId`',
};
