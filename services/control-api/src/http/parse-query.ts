import { CamplaneError, fieldsOf } from '@camplane/contracts/problem';
import { z } from 'zod';
import { boundedFields, unstorableText } from './parse-body.ts';

const noQuerySchema = z.strictObject({});

/**
 * Parses query parameters. Without a schema, parameters are refused.
 *
 * @throws CamplaneError `invalid-query` that names each invalid parameter
 */
export function parseQuery(schema: z.ZodType | undefined, query: unknown): unknown {
  const parsed = (schema ?? noQuerySchema).safeParse(query);
  const fields = parsed.success ? unstorableText(parsed.data, '') : fieldsOf(parsed.error);
  if (fields.length === 0) return parsed.data;
  const named = boundedFields(
    fields.map(({ path, message }) => ({ path, message: message.replace('known field', 'known parameter') })),
  );
  const detail = schema
    ? `${named[0]?.path}: ${named[0]?.message}`
    : 'This operation takes no query parameters';
  throw new CamplaneError('invalid-query', detail, { fields: named });
}
