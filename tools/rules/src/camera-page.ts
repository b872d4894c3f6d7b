import { operations } from '@camplane/contracts/operations';
import { createCameraSchema } from '@camplane/contracts/camera-http';
import { cameraStatusSchema } from '@camplane/contracts/camera-status';
import { testPatterns } from '@camplane/contracts/source-url';
import { z } from 'zod';
import { cameraFieldNotes, statusFieldNotes } from './field-notes.ts';
import { code, markdownTable, pageHead } from './markdown-table.ts';

type JsonSchema = {
  type?: string | string[];
  format?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
};

type Field = { path: string; schema: JsonSchema; nullable: boolean; required: boolean };

/** docs/reference/camera.md: every field of a camera and its status, from the schemas. */
export function cameraPage(): string {
  const input = inReadingOrder(fieldsOf(createCameraSchema, 'input'));
  const status = fieldsOf(cameraStatusSchema, 'output');
  return `${pageHead('Camera', 'the schemas of packages/contracts')}
The body of \`POST ${operations.createCamera.path}\`. \`PUT ${operations.replaceCamera.path}\` accepts the same without \`id\`. Omitted fields take their defaults, and unknown fields are rejected by name. \`GET\` returns the same with \`source.hasCredentials\` instead of the credentials, and with \`createdAt\` and \`updatedAt\`.

${markdownTable(['Field', 'Type', 'Default', 'Limits', 'Description'], rowsOf(input, cameraFieldNotes, true))}

Test sources: ${testPatterns.map((pattern) => code(`test:${pattern}`)).join(', ')}.

## Status

The observed state of a camera: \`GET ${operations.readStatus.path}\`, the messages of \`WS ${operations.followEvents.path}\` and the topic \`camplane.camera-status\`. Phases, reasons and conditions are explained in [conditions](conditions.md).

${markdownTable(['Field', 'Type', 'Limits', 'Description'], rowsOf(status, statusFieldNotes, false))}
`;
}

/** Orders identity and source before the other fields. */
function inReadingOrder(fields: Field[]): Field[] {
  const first = ['id', 'displayName', 'description', 'enabled', 'source'];
  const rank = ({ path }: Field) =>
    (first.indexOf(path.split('.', 1)[0] ?? '') + first.length) % (first.length + 1);
  return [...fields].sort((a, b) => rank(a) - rank(b));
}

function rowsOf(fields: Field[], notes: Record<string, string>, withDefault: boolean): string[][] {
  const paths = fields.map(({ path }) => path);
  const orphan = Object.keys(notes).find((path) => !paths.includes(path));
  if (orphan !== undefined) throw new Error(`field-notes.ts describes ${orphan}, which is not in the schema`);
  return fields.map((field) => {
    const note = notes[field.path];
    if (note === undefined) throw new Error(`field-notes.ts does not describe ${field.path}`);
    const start = [code(field.path), describeType(field)];
    return [...start, ...(withDefault ? [describeDefault(field)] : []), describeLimits(field.schema), note];
  });
}

/** The leaves of an object schema with dotted paths; `[]` marks list items. */
function fieldsOf(schema: z.ZodType, io: 'input' | 'output'): Field[] {
  const root = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' }) as JsonSchema;
  return collect(root, '', true);
}

function collect(given: JsonSchema, path: string, required: boolean): Field[] {
  const { schema, nullable } = withoutNull(given);
  const preset = given.default === undefined ? schema.default : given.default;
  if (schema.properties) {
    const own: Field[] = nullable
      ? [{ path, schema: { ...schema, default: given.default }, nullable, required }]
      : [];
    const inner = Object.entries(schema.properties).flatMap(([name, property]) =>
      collect(property, path === '' ? name : `${path}.${name}`, schema.required?.includes(name) ?? false),
    );
    return [...own, ...inner];
  }
  const field: Field = {
    path,
    schema: { ...schema, ...(preset === undefined ? {} : { default: preset }) },
    nullable,
    required,
  };
  const items = schema.items ? withoutNull(schema.items).schema : undefined;
  return items?.properties ? [field, ...collect(items, `${path}[]`, true)] : [field];
}

/** Nullable schemas use `anyOf` with `null`, or a list of types. */
function withoutNull(schema: JsonSchema): { schema: JsonSchema; nullable: boolean } {
  if (Array.isArray(schema.type)) {
    const [type = 'any', ...others] = schema.type.filter((name) => name !== 'null');
    const names = schema.enum?.filter((word) => word !== null);
    const only = { ...schema, type: [type, ...others].join(' or '), ...(names ? { enum: names } : {}) };
    return { schema: only, nullable: schema.type.includes('null') };
  }
  const others = schema.anyOf?.filter((option) => option.type !== 'null') ?? [];
  const [only] = others;
  return schema.anyOf && only && others.length === 1
    ? { schema: only, nullable: others.length < schema.anyOf.length }
    : { schema, nullable: false };
}

function describeType({ schema, nullable }: Field): string {
  const type = describeWords(schema) ?? describeList(schema) ?? describePlain(schema);
  return nullable ? `${type} or \`null\`` : type;
}

function describeWords(schema: JsonSchema | undefined): string | undefined {
  return schema?.enum?.map((word) => code(String(word))).join(', ');
}

function describeList({ type, items }: JsonSchema): string | undefined {
  if (type !== 'array') return undefined;
  const item = items ? withoutNull(items).schema : undefined;
  return `list of ${describeWords(item) ?? (item?.properties ? 'objects' : describePlain(item ?? {}))}`;
}

function describePlain({ type, format }: JsonSchema): string {
  if (format === 'date-time') return 'time (ISO 8601)';
  if (type === 'integer') return 'whole number';
  if (type === 'boolean') return '`true`, `false`';
  return typeof type === 'string' ? type : 'any';
}

function describeDefault({ schema, required }: Field): string {
  if (schema.default !== undefined) return code(JSON.stringify(schema.default));
  return required ? 'required' : 'absent';
}

function describeLimits(schema: JsonSchema): string {
  const limits: string[] = [];
  const safe = (bound: number | undefined) =>
    bound === undefined || Math.abs(bound) === Number.MAX_SAFE_INTEGER ? undefined : bound;
  const range = describeRange(safe(schema.minimum), safe(schema.maximum));
  if (range !== undefined) limits.push(range);
  const length = describeRange(schema.minLength, schema.maxLength);
  if (length !== undefined) limits.push(`${length} characters`);
  const count = describeRange(schema.minItems, schema.maxItems);
  if (count !== undefined) limits.push(`${count} items`);
  return limits.join(', ');
}

function describeRange(min: number | undefined, max: number | undefined): string | undefined {
  if (min !== undefined && max !== undefined) return `${min}–${max}`;
  if (max !== undefined) return `at most ${max}`;
  return min === undefined ? undefined : `at least ${min}`;
}
