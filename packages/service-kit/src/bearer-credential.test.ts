import { describe, expect, it } from '@jest/globals';
import { bearerCredential } from './bearer-credential.ts';

describe('the credential of a request', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer   a.b-c_d~e+f/g== ', 'a.b-c_d~e+f/g=='],
    [undefined, undefined],
    ['', undefined],
    ['Bearer', undefined],
    ['Bearer ', undefined],
    ['Bearer a b', undefined],
    ['Basic abc', undefined],
    ['xBearer abc', undefined],
  ])('of the authorization %j is %j', (authorization, credential) => {
    expect(bearerCredential(authorization === undefined ? {} : { authorization })).toBe(credential);
  });
});
