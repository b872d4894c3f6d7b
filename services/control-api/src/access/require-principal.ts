import { CamplaneError } from '@camplane/contracts/problem';
import { authorize } from './authorize.ts';
import type { Principal } from './principal.ts';

export type UserPrincipal = Extract<Principal, { kind: 'user' }>;

/** @throws CamplaneError `forbidden` unless the principal is a user */
export function requireUser(principal: Principal): UserPrincipal {
  if (principal.kind === 'user') return principal;
  if (principal.kind === 'anonymous') throw new CamplaneError('unauthenticated', 'Sign in first');
  throw new CamplaneError(
    'forbidden',
    'There is no user to act for: access control is off, CAMPLANE_AUTH=none',
  );
}

/** For what an API token may not do, so that a stolen one cannot be used to stay. */
export function requireSession(principal: Principal, what: string): UserPrincipal {
  const user = requireUser(principal);
  if (user.credential.kind === 'session') return user;
  throw new CamplaneError('forbidden', `Only a session can ${what}: sign in in the dashboard`);
}

/** For what a program's credential may not do: a person in a browser, signed in here or by a proxy. */
export function requirePerson(principal: Principal, what: string): UserPrincipal {
  const user = requireUser(principal);
  return user.credential.kind === 'proxy' ? user : requireSession(principal, what);
}

/** Whether something of this user may be seen and ended: one's own, and with `user.manage` that of everybody. */
export function mayManage(principal: Principal, userId: string): boolean {
  const isOwn = principal.kind === 'user' && principal.userId === userId;
  return isOwn || authorize(principal, 'user.manage', null);
}
