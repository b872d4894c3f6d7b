import { createHash } from 'node:crypto';

/** A deterministic UUID of the parts: version 8 (RFC 9562) from their SHA-256. */
export function uuidOf(...parts: readonly (string | number)[]): string {
  const bytes = createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [0, 8, 12, 16, 20].map((start, index, all) => hex.slice(start, all[index + 1] ?? 32)).join('-');
}
