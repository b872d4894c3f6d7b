import type { Operation, Permission } from '@camplane/contracts/operation';
import { operations } from '@camplane/contracts/operations';
import { code, markdownTable, pageHead } from './markdown-table.ts';

const permissionNotes: Record<Permission, string> = {
  none: 'callable without signing in',
  'signed-in': 'callable by every signed-in principal, on their own objects',
  'camera.view': 'read cameras and their status, watch video, follow events',
  'camera.operate': 'start and stop cameras',
  'camera.configure': 'add, change, delete and probe cameras',
  'detection.view': 'read detections and their images',
  'user.manage': 'manage users, roles, and the sessions and API tokens of others',
  'audit.view': 'read the audit log',
};

/** docs/reference/operations.md: every route with its permission and errors. */
export function operationsPage(): string {
  const rows = Object.entries<Operation>(operations).map(([id, operation]) => [
    code(`${operation.upgrade ? 'WS' : operation.method.toUpperCase()} ${operation.path}`),
    code(id),
    operation.summary,
    code(operation.permission),
    operation.problems.map(code).join(', '),
  ]);
  return `${pageHead('Operations', '`packages/contracts/src/operations.ts`')}
Every route of the HTTP API. Schemas of bodies, queries and answers are in [openapi.json](openapi.json), statuses and titles of errors in [errors](errors.md). Every operation can also answer \`internal\`.

${markdownTable(['Route', 'Operation', 'Summary', 'Permission', 'Errors'], rows)}

## Permissions

An operation declares the permission that it needs. Permissions are not enforced until access control exists.

${markdownTable(
  ['Permission', 'Allows to'],
  Object.entries(permissionNotes).map(([permission, note]) => [code(permission), note]),
)}
`;
}
