import { describe, expect, it } from '@jest/globals';
import {
  createUserBody,
  newUserValues,
  replaceUserBody,
  userErrorsOf,
  withoutErrorsOf,
} from './user-values.ts';

const password = 'kkkkk-kkkkk-kkkkk-kkkkk';

describe('the values of a user', () => {
  it('become a viewer of two cameras', () => {
    const values = {
      ...newUserValues(password),
      username: 'anna',
      displayName: ' Anna ',
      grants: [{ role: 'viewer', scope: { kind: 'cameras' as const, ids: ['door', 'yard'] } }],
    };
    expect(createUserBody(values)).toEqual({
      body: {
        username: 'anna',
        password,
        displayName: 'Anna',
        enabled: true,
        grants: [{ role: 'viewer', scope: { kind: 'cameras', ids: ['door', 'yard'] } }],
      },
    });
  });

  it('report a grant without cameras at that grant', () => {
    expect(createUserBody({ ...newUserValues(password), username: 'Anna' })).toEqual({
      errors: {
        username: expect.stringContaining('lower-case'),
        'grants.0': 'must name at least one camera',
      },
    });
  });

  it('replace a user without their name and password', () => {
    expect(replaceUserBody({ ...newUserValues(''), grants: [] })).toEqual({
      body: { displayName: '', enabled: true, grants: [] },
    });
  });
});

describe('withoutErrorsOf', () => {
  it('clears the errors of what was edited', () => {
    const errors = { username: 'a', 'grants.0': 'b', 'grants.1': 'c', other: 'd' };
    expect(withoutErrorsOf(errors, ['grants'])).toEqual({ username: 'a', other: 'd' });
    expect(withoutErrorsOf(errors, ['username'])).not.toHaveProperty('username');
  });
});

describe('userErrorsOf', () => {
  it('keeps errors of unknown fields', () => {
    expect(userErrorsOf([{ path: 'email', message: 'is not a known field' }])).toEqual({
      other: 'email is not a known field',
    });
  });
});
