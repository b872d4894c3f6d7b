import { equalText } from '@camplane/runtime/equal-text';
import { isLoopback } from '@camplane/runtime/loopback';
import type { IncomingMessage } from 'node:http';

/**
 * Who may call an auth hook: MediaMTX with a password, programs on loopback (in a pod, its own containers), or, where neither
 * is possible, everybody.
 */
export type HookCallers = { password: string } | 'loopback' | 'everybody';

/** The user name that MediaMTX sends to its auth hook. */
const hookUser = 'mediamtx';

/**
 * `authHTTPAddress` with a login. MediaMTX sends it as basic authentication, and masks the password in its log (Go's
 * `net/http` and `net/url`).
 *
 * @param password characters that a URL may contain unencoded
 */
export function hookUrl(url: string, password: string): string {
  return url.replace('://', `://${hookUser}:${password}@`);
}

export function mayCallHook(
  { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>,
  callers: HookCallers,
): boolean {
  if (callers === 'everybody') return true;
  if (callers === 'loopback') return isLoopback(socket.remoteAddress ?? '');
  const login = Buffer.from(`${hookUser}:${callers.password}`).toString('base64');
  return equalText(headers.authorization ?? '', `Basic ${login}`);
}
