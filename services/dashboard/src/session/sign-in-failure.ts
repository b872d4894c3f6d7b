import { signInFailureSchema } from '@camplane/contracts/access';
import type { SignInFailure } from '@camplane/contracts/access';

/**
 * Why signing in at an issuer failed, from the address to which the server redirects. It is removed from the address, so that a
 * reload does not show it again.
 */
export function takeSignInFailure(window: Pick<Window, 'location' | 'history'>): SignInFailure | null {
  const url = new URL(window.location.href);
  const value = url.searchParams.get('signInFailure');
  if (value === null) return null;
  url.searchParams.delete('signInFailure');
  window.history.replaceState(null, '', `${url.pathname}${url.search}${url.hash}`);
  return signInFailureSchema.catch('rejected').parse(value);
}

/** @param issuer its name on the button */
export function signInFailureText(failure: SignInFailure, issuer: string): string {
  switch (failure) {
    case 'not-configured':
      return 'Only user name and password are accepted here.';
    case 'issuer-unreachable':
      return `Camplane cannot reach ${issuer}. Try again later. Users with a password can sign in below.`;
    case 'denied':
      return `Signing in with ${issuer} was cancelled or refused there.`;
    case 'interrupted':
      return 'The sign-in took too long, or was started in another browser. Start it again.';
    case 'rejected':
      return `The answer of ${issuer} was not valid. Start again. If this repeats, an administrator finds the reason in the audit log.`;
    case 'no-role':
      return `You are signed in with ${issuer}, but none of your groups has access to Camplane. Ask an administrator.`;
    case 'disabled':
      return 'Your user is disabled in Camplane. Ask an administrator.';
    case 'store-unavailable':
      return 'The database is unavailable. Try again later.';
  }
}
