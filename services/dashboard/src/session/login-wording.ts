import { ApiError } from '@camplane/api-client/api-error';
import { messageOf } from '../api/message-of.ts';
import type { LoginReason } from './session-store.ts';

/** A failed sign-in. `waitSeconds`: how long further attempts are refused. */
export type LoginFailure = { message: string; waitSeconds: number | null };

/** What the page assumes if a refusal does not say how long it lasts. */
const waitSecondsDefault = 60;

export function loginFailureOf(error: unknown): LoginFailure {
  if (!(error instanceof ApiError)) return { message: messageOf(error), waitSeconds: null };
  switch (error.code) {
    case 'wrong-login':
      return { message: 'The user name or the password is wrong.', waitSeconds: null };
    case 'too-many-requests':
      return {
        message: 'Too many attempts.',
        waitSeconds: error.retryAfterSeconds ?? waitSecondsDefault,
      };
    case 'invalid-body':
      return { message: 'Enter your user name and your password.', waitSeconds: null };
    default:
      return { message: messageOf(error), waitSeconds: null };
  }
}

/** Why the login page is shown. */
export function loginReasonText(why: LoginReason): string | null {
  switch (why) {
    case 'ended':
      return 'Your session has ended. Sign in again.';
    case 'signed-out':
      return 'You are signed out.';
    case 'welcome-refused':
      return 'This link has expired or was already used. It signs in once.';
    case null:
      return null;
  }
}
