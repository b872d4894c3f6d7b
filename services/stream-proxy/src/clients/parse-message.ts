import { jpegClientMessageSchema } from '@camplane/contracts/jpeg-stream';
import type { JpegClientMessage } from '@camplane/contracts/jpeg-stream';
import { fieldsOf } from '@camplane/contracts/problem';
import type { RawData } from 'ws';

/** A message of a client, or what is wrong with it. */
export type ParsedMessage = { ok: true; message: JpegClientMessage } | { ok: false; reason: string };

export function parseMessage(data: RawData, isBinary: boolean): ParsedMessage {
  if (isBinary) return { ok: false, reason: 'Messages are JSON text, not binary' };
  let json: unknown;
  try {
    json = JSON.parse((data as Buffer).toString('utf8'));
  } catch {
    return { ok: false, reason: 'The message is not JSON' };
  }
  const parsed = jpegClientMessageSchema.safeParse(json);
  if (parsed.success) return { ok: true, message: parsed.data };
  const fields = fieldsOf(parsed.error).slice(0, 5);
  const named = fields.map(({ path, message }) => `${path.slice(0, 100)}: ${message}`);
  return { ok: false, reason: named.join('; ').replace('(body)', '(message)') };
}
