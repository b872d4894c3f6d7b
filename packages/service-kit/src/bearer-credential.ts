import type { IncomingHttpHeaders } from 'node:http';

/**
 * The credential of `Authorization: Bearer` (RFC 6750, 2.1), without spaces in it, if present. The scheme is
 * matched in any case (RFC 9110, 11.1).
 */
export function bearerCredential({
  authorization = '',
}: Pick<IncomingHttpHeaders, 'authorization'>): string | undefined {
  return /^bearer +(\S+) *$/i.exec(authorization)?.[1];
}
