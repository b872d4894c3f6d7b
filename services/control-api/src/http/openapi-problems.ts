import { problemExample } from '@camplane/contracts/examples/problem-examples';
import { errorKinds, problemSchema } from '@camplane/contracts/problem';
import type { ErrorKind } from '@camplane/contracts/problem';
import { schemaOf } from './openapi-schemas.ts';

const retryAfter = {
  'Retry-After': { description: 'Seconds, where they are known', schema: { type: 'integer' }, example: 10 },
};

/** One response for each status, which several error kinds may share. */
export function problemResponses(kinds: readonly ErrorKind[]): Record<string, unknown> {
  const byStatus = Map.groupBy([...kinds, 'internal' as const], (kind) => errorKinds[kind].status);
  return Object.fromEntries(
    [...byStatus].map(([status, same]) => [
      status,
      {
        description: same.map((kind) => `\`${kind}\`: ${errorKinds[kind].title}`).join('; '),
        ...(same.some((kind) => errorKinds[kind].retryable && kind !== 'internal')
          ? { headers: retryAfter }
          : {}),
        content: {
          'application/problem+json': {
            schema: schemaOf(problemSchema, 'output'),
            examples: Object.fromEntries(
              same.map((kind) => [kind, { $ref: `#/components/examples/${kind}` }]),
            ),
          },
        },
      },
    ]),
  );
}

/** `components.examples` of the document: one for each kind of error. */
export function problemExamples(): Record<string, unknown> {
  const kinds = Object.keys(errorKinds) as ErrorKind[];
  return Object.fromEntries(
    kinds.map((kind) => [kind, { summary: errorKinds[kind].title, value: problemExample(kind) }]),
  );
}
