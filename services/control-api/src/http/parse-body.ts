import { CamplaneError, fieldsOf } from '@camplane/contracts/problem';
import { z } from 'zod';

const fieldsNamedMax = 50;
const fieldPathMaxCharacters = 200;

const noBodySchema = z.strictObject({}).optional();

/**
 * Parses a request body; without a schema there may be none.
 *
 * @throws CamplaneError `invalid-body` that names each field at fault
 */
export function parseBody(schema: z.ZodType | undefined, body: unknown): unknown {
  if (schema && body === undefined) {
    throw new CamplaneError('invalid-body', 'A body is needed: send JSON as Content-Type: application/json');
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

/** As many fields, and as much of their paths, as an answer names. */
export function boundedFields(fields: readonly Field[]): Field[] {
  return fields
    .slice(0, fieldsNamedMax)
    .map(({ path, message }) => ({ path: path.slice(0, fieldPathMaxCharacters), message }));
}

/** What PostgreSQL's text and JSON cannot hold: NUL, and halves of surrogate pairs. The data has been parsed: its depth is bounded. */
export function unstorableText(value: unknown, path: string): Field[] {
  if (typeof value === 'string') {
    const isStorable = value.isWellFormed() && !value.includes('\0');
    return isStorable ? [] : [{ path, message: 'must not contain NUL or unpaired surrogates' }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    unstorableText(inner, path === '' ? key : `${path}.${key}`),
  );
}
