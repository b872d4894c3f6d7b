import { problemsOf } from '@camplane/contracts/operation';
import type { Operation } from '@camplane/contracts/operation';
import { operations } from '@camplane/contracts/operations';
import { code, markdownTable, pageHead } from './markdown-table.ts';

/** docs/reference/operations.md: every route with its permission and errors. */
export function operationsPage(): string {
  const rows = Object.entries<Operation>(operations).map(([id, operation]) => [
    code(`${operation.upgrade ? 'WS' : operation.method.toUpperCase()} ${operation.path}`),
    code(id),
    operation.summary,
    code(operation.permission),
    problemsOf(operation).map(code).join(', '),
  ]);
  return `${pageHead('Operations', '`packages/contracts/src/operations.ts`')}
Every route of the HTTP API. Schemas of bodies, queries and answers are in [openapi.json](openapi.json), statuses and titles of errors in [errors](errors.md), who may call them in [permissions](permissions.md). Every operation can also answer \`internal\`.

${markdownTable(['Route', 'Operation', 'Summary', 'Permission', 'Errors'], rows)}
`;
}
