import { describe, expect, it } from '@jest/globals';
import { ApiError } from '@camplane/api-client/api-error';
import { loginFailureOf } from './login-wording.ts';

describe('loginFailureOf', () => {
  it('does not say whether the name or the password is wrong', () => {
    const error = new ApiError('No user anna.', { code: 'wrong-login', status: 401 });
    expect(loginFailureOf(error)).toEqual({
      message: 'The user name or the password is wrong.',
      waitSeconds: null,
    });
  });

  it('returns how long to wait', () => {
    const details = { code: 'too-many-requests', status: 429 };
    const error = new ApiError('Slow down.', { ...details, retryAfterSeconds: 27 });
    expect(loginFailureOf(error)).toEqual({ message: 'Too many attempts.', waitSeconds: 27 });
    expect(loginFailureOf(new ApiError('Slow down.', details)).waitSeconds).toBe(60);
  });

  it('keeps other reasons', () => {
    const error = new ApiError('The server cannot be reached.', { code: 'unreachable' });
    expect(loginFailureOf(error).message).toBe('The server cannot be reached.');
  });
});
