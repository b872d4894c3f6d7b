import type { z } from 'zod';

export type Parsed<T> = { ok: true; value: T } | { ok: false; message: string };
export type TopicHeaders = Readonly<Record<string, string>>;

/** A topic of the event bus: its settings, and how values are encoded and decoded. Pure. */
export type Topic<T> = {
  readonly name: string;
  /** The broker keeps the latest value of each key. */
  readonly compacted: boolean;
  /** How long the broker keeps messages; null: compaction decides. */
  readonly retentionMs: number | null;
  /** Maximum size of a message body. */
  readonly maxBytes: number;
  /** Validates a value to publish and applies defaults. Never throws. */
  parse(value: unknown): Parsed<T>;
  encode(value: T): { body: Uint8Array; headers: TopicHeaders };
  /** Decodes and validates a received message. Never throws. */
  decode(body: Uint8Array, headers: TopicHeaders): Parsed<T>;
  /** A copy that the receiver may change, or the same object if receivers must not change it. */
  copy(value: T): T;
};

const defaultMaxBytes = 256 * 1024;

/** A topic with JSON values of one schema. */
export function jsonTopic<T>(options: {
  name: string;
  schema: z.ZodType<T>;
  compacted: boolean;
  retentionMs?: number;
  maxBytes?: number;
}): Topic<T> {
  const { name, schema, compacted, retentionMs = null, maxBytes = defaultMaxBytes } = options;
  const parse = (value: unknown): Parsed<T> => {
    const parsed = schema.safeParse(value);
    return parsed.success
      ? { ok: true, value: parsed.data }
      : { ok: false, message: describeIssues(parsed.error) };
  };
  return {
    name,
    compacted,
    retentionMs,
    maxBytes,
    parse,
    encode: (value) => ({
      body: new TextEncoder().encode(JSON.stringify(value)),
      headers: { 'content-type': 'application/json' },
    }),
    decode: (body) => {
      const json = parseJson(body, maxBytes);
      return json.ok ? parse(json.value) : json;
    },
    copy: (value) => structuredClone(value),
  };
}

function parseJson(body: Uint8Array, maxBytes: number): Parsed<unknown> {
  if (body.byteLength > maxBytes) {
    return { ok: false, message: `the body has ${body.byteLength} bytes, more than ${maxBytes}` };
  }
  try {
    return { ok: true, value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) };
  } catch {
    return { ok: false, message: 'the body is not JSON in UTF-8' };
  }
}

/** The first invalid fields, in one line. */
export function describeIssues(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
    .join('; ');
}
