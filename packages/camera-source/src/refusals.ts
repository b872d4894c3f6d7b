/** Texts of refusals that RTSP and HTTP have in common. */

/** 401, by what was known of the login. */
export const refusedLoginTexts = {
  'none given': 'The camera asks for a user and password, and none were given (401).',
  'not tried':
    'The camera asks for a kind of login that is not supported (401). Choose Basic or Digest in the camera.',
  tried: 'The camera refused the user or password (401).',
} as const;

/** A redirect, by the `Location` header: names host and port, but no path, query or user information. */
export function redirectText(location: string): string {
  const host = URL.canParse(location) ? new URL(location).host.slice(0, 260) : '';
  return `The camera redirects to ${host || 'another address'}, which is not followed.`;
}

/** The code of a Node.js error, such as `ECONNRESET`; empty for anything else. */
export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

/** TLS errors have codes such as `ERR_SSL_WRONG_VERSION_NUMBER`, and `EPROTO`. */
export function isTlsCode(code: string): boolean {
  return code.startsWith('ERR_SSL') || code === 'EPROTO';
}
