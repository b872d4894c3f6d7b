import { CamplaneError, fieldsOf } from '@camplane/contracts/problem';
import { z } from 'zod';

const fieldsNamedMax = 50;
const fieldPathMaxCharacters = 200;

const noBodySchema = z.strictObject({}).optional();

/**
 * Parses a request body. Without a schema, a body is refused.
 *
 * @throws CamplaneError `invalid-body` that names each invalid field
 */
export function parseBody(schema: z.ZodType | undefined, body: unknown, type = 'application/json'): unknown {
  if (schema && body === undefined) {
    throw new CamplaneError(
      'invalid-body',
      `The request body is missing: send it with Content-Type: ${type}`,
    );
  }
  const parsed = (schema ?? noBodySchema).safeParse(body);
  if (!parsed.success) throw invalidBody(fieldsOf(parsed.error));
  const unstorable = unstorableText(parsed.data, '');
  if (unstorable.length > 0) throw invalidBody(unstorable);
  return parsed.data;
}

export type Field = { path: string; message: string };

function invalidBody(fields: Field[]): CamplaneError {
  const named = boundedFields(fields);
  const first = named[0];
  const others = fields.length === 1 ? '' : ` (and ${fields.length - 1} more)`;
  return new CamplaneError('invalid-body', `${first?.path}: ${first?.message}${others}`, { fields: named });
}

/** Limits the fields in a response and the length of their paths. */
export function boundedFields(fields: readonly Field[]): Field[] {
  return fields
    .slice(0, fieldsNamedMax)
    .map(({ path, message }) => ({ path: path.slice(0, fieldPathMaxCharacters), message }));
}

/** Text that PostgreSQL cannot store: NUL and unpaired surrogates. Validated data has a bounded depth. */
export function unstorableText(value: unknown, path: string): Field[] {
  if (typeof value === 'string') {
    const isStorable = value.isWellFormed() && !value.includes('\0');
    if (isStorable) return [];
    return [{ path: path || '(body)', message: 'must not contain NUL or unpaired surrogates' }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    unstorableText(inner, path === '' ? key : `${path}.${key}`),
  );
}
