import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { cookiesNamed } from '../session-cookie.ts';

/**
 * A sign-in that waits for its answer. It is kept in a cookie of the browser that began it, so that an answer in another
 * browser is refused (login CSRF), and every replica can take the answer.
 */
const transactionSchema = z.strictObject({
  state: z.string().min(1),
  nonce: z.string().min(1),
  verifier: z.string().min(1),
  returnTo: z.string(),
});
export type OidcTransaction = z.infer<typeof transactionSchema>;

const cookieName = 'camplane-oidc';
const maxAgeSeconds = 600;

/** Value of `Set-Cookie`; null deletes the cookie. */
export function transactionCookie(transaction: OidcTransaction | null, isSecure: boolean): string {
  const value = transaction ? Buffer.from(JSON.stringify(transaction)).toString('base64url') : '';
  const attributes = `Max-Age=${transaction ? maxAgeSeconds : 0}; Path=/; HttpOnly; SameSite=Lax`;
  return `${nameOf(isSecure)}=${value}; ${attributes}${isSecure ? '; Secure' : ''}`;
}

export function transactionOf(request: IncomingMessage, isSecure: boolean): OidcTransaction | undefined {
  const [value = ''] = cookiesNamed(request, nameOf(isSecure));
  try {
    return transactionSchema.parse(JSON.parse(Buffer.from(value, 'base64url').toString()));
  } catch {
    return undefined;
  }
}

/** Over TLS, other hosts of the domain cannot set this cookie (RFC 6265bis, 4.1.3.2). */
function nameOf(isSecure: boolean): string {
  return isSecure ? `__Host-${cookieName}` : cookieName;
}
