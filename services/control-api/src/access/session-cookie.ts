import type { IncomingMessage } from 'node:http';
import { sessionAbsoluteMs } from './lifetimes.ts';

const plainName = 'camplane-session';
/** Browsers accept this prefix only from a secure page, for one host and without a domain (RFC 6265bis, 4.1.3.2). */
const secureName = `__Host-${plainName}`;

/** Secrets of sessions in a request, of the secure cookie first. */
export function sessionSecretsOf(request: IncomingMessage): string[] {
  return [secureName, plainName].flatMap((name) => cookiesNamed(request, name));
}

/** The values of all cookies of this name, as the browser orders them. */
export function cookiesNamed({ headers }: IncomingMessage, name: string): string[] {
  const pairs = (headers.cookie ?? '').split(';').map((pair): [string, string] => {
    const at = pair.indexOf('=');
    return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
  });
  return pairs.filter(([key]) => key === name).map(([, value]) => value);
}

/** Value of `Set-Cookie` for a new session. */
export function sessionCookie(secret: string, secure: boolean): string {
  return cookie(secret, Math.floor(sessionAbsoluteMs / 1000), secure);
}

export function endedSessionCookie(request: IncomingMessage): string {
  return cookie('', 0, isSecure(request));
}

function cookie(value: string, maxAgeSeconds: number, secure: boolean): string {
  const attributes = `Max-Age=${maxAgeSeconds}; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
  return `${secure ? secureName : plainName}=${value}; ${attributes}`;
}

/** Whether the page was loaded over TLS. Behind a proxy that terminates it, the browser's `Origin` shows that. */
export function isSecure({ socket, headers }: IncomingMessage): boolean {
  return 'encrypted' in socket || (headers.origin ?? '').startsWith('https://');
}
