import { z } from 'zod';

/** A repeatable query parameter; one value counts as a list of one. */
export function listParameter<T extends z.ZodType>(item: T, maxItems: number) {
  return z.preprocess(
    (value) => (typeof value === 'string' ? [value] : value),
    z.array(item).max(maxItems, `must be given at most ${maxItems} times`),
  );
}

/** A number as text. `Number('')` is 0, so empty text is refused here. */
export function numberParameter<T extends z.ZodType<number>>(schema: T) {
  return z.preprocess(
    (value) =>
      typeof value === 'string' && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value) ? Number(value) : value,
    schema,
  );
}

const booleanWords = ['true', '1', 'yes', 'on', 'y', 'enabled', 'false', '0', 'no', 'off', 'n', 'disabled'];

/** A boolean as text. JSON Schema needs the words that `z.stringbool` accepts. */
export function booleanParameter() {
  return z.stringbool({ error: 'must be true or false' }).meta({ enum: booleanWords });
}
