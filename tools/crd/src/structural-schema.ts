import { z } from 'zod';

/** A rule in the Common Expression Language that the API server evaluates, and its message on failure. */
export type CelRule = {
  rule: string;
  message: string;
  /** An expression whose result replaces `message`. */
  messageExpression?: string;
  /** Path of the reported field, relative to the field that has the rule. */
  fieldPath?: string;
};

/** Additions to the schema that zod generates for a field. */
export type FieldExtension = {
  rules?: CelRule[];
  /** Bounds of zod to leave out, because a rule reports them with a better message. */
  without?: ('minimum' | 'maximum' | 'minLength' | 'minItems')[];
  /** For maps: `atomic` replaces the whole map; the API server's default merges by key. */
  mapType?: 'atomic';
  listMapKeys?: string[];
};

/** The subset of OpenAPI 3.0 that a CustomResourceDefinition accepts ("structural schema"). */
export type StructuralSchema = {
  type: string;
  description?: string;
  format?: string;
  nullable?: true;
  enum?: unknown[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  maxProperties?: number;
  properties?: Record<string, StructuralSchema>;
  required?: string[];
  items?: StructuralSchema;
  /** Values of a map. */
  additionalProperties?: StructuralSchema;
  'x-kubernetes-map-type'?: 'atomic';
  'x-kubernetes-list-type'?: 'map' | 'atomic';
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-validations'?: CelRule[];
};

type JsonSchema = Record<string, unknown>;
type Extensions = Readonly<Record<string, FieldExtension>>;
type Descriptions = Readonly<Record<string, string>>;

const copied = [
  ...(['type', 'format', 'nullable', 'enum', 'default', 'minimum', 'maximum'] as const),
  ...(['minLength', 'maxLength', 'minItems', 'maxItems'] as const),
  ...(['maxProperties', 'required'] as const),
];
/**
 * Not translated: the error message of a pattern is the pattern, so CEL rules with readable messages replace patterns and
 * the names of map keys.
 */
const left = ['pattern', 'propertyNames'];
const translated = ['properties', 'items', 'additionalProperties'];

/**
 * The structural schema of a zod schema's input. Keys of `descriptions` and `extensions` are field paths: `source.url`,
 * `zones[].points[]`, and `nodeSelector{}` for the values of a map.
 *
 * @throws if a path does not exist, a string or list has no bound, or a structural schema cannot express a type
 */
export function structuralSchema(
  schema: z.ZodType,
  options: { descriptions?: Descriptions; extensions?: Extensions } = {},
): StructuralSchema {
  const { descriptions = {}, extensions = {} } = options;
  const seen = new Set<string>();
  const root = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', reused: 'inline' });
  const structural = translate(root, '', { descriptions, extensions, seen });
  for (const path of [...Object.keys(descriptions), ...Object.keys(extensions)]) {
    if (!seen.has(path)) throw new Error(`no field ${path}`);
  }
  return structural;
}

type Context = { descriptions: Descriptions; extensions: Extensions; seen: Set<string> };

function translate(given: JsonSchema, path: string, context: Context): StructuralSchema {
  context.seen.add(path);
  const known = [...copied, ...left, ...translated, '$schema'];
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new Error(`${path}: a structural schema has no ${unknown}`);
  const schema = Object.fromEntries(
    copied.filter((key) => given[key] !== undefined).map((key) => [key, given[key]]),
  ) as StructuralSchema;
  if (typeof schema.type !== 'string') throw new Error(`${path}: has no type`);
  // The API server does not support null defaults: the field stays absent, which means the same.
  if (schema.default === null) delete schema.default;
  if (Math.abs(schema.minimum ?? 0) === Number.MAX_SAFE_INTEGER) delete schema.minimum;
  if (Math.abs(schema.maximum ?? 0) === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  assertBounded(schema, path);

  const properties = given['properties'] as Record<string, JsonSchema> | undefined;
  if (properties) {
    schema.properties = Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [
        name,
        translate(property, path === '' ? name : `${path}.${name}`, context),
      ]),
    );
  }
  if (given['items']) schema.items = translate(given['items'] as JsonSchema, `${path}[]`, context);
  // `false` is not allowed together with `properties`, and not needed: unknown fields are rejected or pruned.
  if (given['additionalProperties']) {
    if (schema.maxProperties === undefined)
      throw new Error(`${path}: a record needs a maximum number of entries`);
    schema.additionalProperties = translate(
      given['additionalProperties'] as JsonSchema,
      `${path}{}`,
      context,
    );
  }
  return extended(schema, context.descriptions[path], context.extensions[path]);
}

function assertBounded(schema: StructuralSchema, path: string): void {
  const bounded =
    schema.maxLength !== undefined || schema.enum !== undefined || schema.format === 'date-time';
  if (schema.type === 'string' && !bounded) throw new Error(`${path}: a string needs a maximum length`);
  if (schema.type === 'array' && schema.maxItems === undefined) {
    throw new Error(`${path}: a list needs a maximum number of items`);
  }
}

function extended(
  schema: StructuralSchema,
  description: string | undefined,
  { rules, without = [], listMapKeys, mapType }: FieldExtension = {},
): StructuralSchema {
  const { type, ...rest } = schema;
  for (const bound of without) delete rest[bound];
  return {
    ...(description === undefined ? {} : { description }),
    type,
    ...rest,
    ...(type === 'array' ? { 'x-kubernetes-list-type': listMapKeys ? 'map' : 'atomic' } : {}),
    ...(listMapKeys ? { 'x-kubernetes-list-map-keys': listMapKeys } : {}),
    ...(mapType ? { 'x-kubernetes-map-type': mapType } : {}),
    ...(rules ? { 'x-kubernetes-validations': rules } : {}),
  };
}
