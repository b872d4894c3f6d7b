import { fieldsOf } from '@camplane/contracts/problem';
import type { z } from 'zod';

/** A message of a WebSocket client, or what is wrong with it. */
export type ParsedMessage<T> = { ok: true; message: T } | { ok: false; reason: string };

/** @param data a Buffer, which `ws` delivers by default, also for text */
export function parseJsonMessage<S extends z.ZodType>(
  schema: S,
  data: unknown,
  isBinary: boolean,
): ParsedMessage<z.output<S>> {
  if (isBinary) return { ok: false, reason: 'Messages are JSON text, not binary' };
  let json: unknown;
  try {
    json = JSON.parse((data as Buffer).toString('utf8'));
  } catch {
    return { ok: false, reason: 'The message is not JSON' };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { ok: true, message: parsed.data };
  const fields = fieldsOf(parsed.error).slice(0, 5);
  const named = fields.map(({ path, message }) => `${path.slice(0, 100)}: ${message}`);
  return { ok: false, reason: named.join('; ').replace('(body)', '(message)') };
}
