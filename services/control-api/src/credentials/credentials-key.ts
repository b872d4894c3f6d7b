import { createHash, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** An AES-256 key for stored credentials. `id` is public: it names the key that an envelope needs. */
export type CredentialsKey = { id: string; secret: KeyObject };

const keyBytes = 32;
const idBytes = 8;

/** What a key looks like, for messages. */
export const keyFormat = '32 random bytes in base64, as `openssl rand -base64 32` prints';

/** Parses 32 bytes in base64; undefined for anything else. */
export function parseCredentialsKey(text: string): CredentialsKey | undefined {
  const bytes = Buffer.from(text, 'base64');
  // Buffer skips characters that are not base64.
  if (bytes.length !== keyBytes || bytes.toString('base64') !== text) return undefined;
  const id = createHash('sha256').update(bytes).digest().subarray(0, idBytes).toString('hex');
  return { id, secret: createSecretKey(bytes) };
}
