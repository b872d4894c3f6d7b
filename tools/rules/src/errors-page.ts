import { operations } from '@camplane/contracts/operations';
import { errorKinds } from '@camplane/contracts/problem';
import { code, markdownTable, pageHead } from './markdown-table.ts';

/** docs/reference/errors.md: the closed set of error kinds over HTTP. */
export function errorsPage(): string {
  const rows = Object.entries(errorKinds).map(([kind, { status, title, retryable }]) => [
    code(kind),
    String(status),
    title,
    retryable ? 'yes' : 'no',
  ]);
  return `${pageHead('Errors', '`packages/contracts/src/problem.ts`')}
An error is answered as problem details ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)), \`application/problem+json\`:

\`\`\`json
{
  "type": "https://camplane.dev/problems/invalid-body",
  "title": "The request body is not valid",
  "status": 400,
  "detail": "source.url: must not be empty",
  "code": "invalid-body",
  "instance": "${operations.createCamera.path}",
  "errors": [{ "path": "source.url", "message": "must not be empty" }]
}
\`\`\`

\`code\` is stable: programs compare it. \`detail\` and the messages of \`errors\` are for people and may change.

${markdownTable(['Code', 'Status', 'Title', 'Retryable'], rows)}
`;
}
