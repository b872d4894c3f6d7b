import { describe, expect, it } from '@jest/globals';
import { takeWelcomeToken } from './welcome-token.ts';

function take(pathname: string, hash: string): { token: string | null; address: string } {
  let address = `${pathname}${hash}`;
  const history = { replaceState: (_state: unknown, _title: string, url: string) => (address = url) };
  const window = { location: { pathname, hash }, history } as unknown as Window;
  return { token: takeWelcomeToken(window), address };
}

describe('takeWelcomeToken', () => {
  it('returns the token and removes it from the address', () => {
    expect(take('/welcome', '#a_b-C1')).toEqual({ token: 'a_b-C1', address: '/' });
  });

  it('returns null without a token, or with something else', () => {
    expect(take('/welcome/', '')).toEqual({ token: null, address: '/' });
    expect(take('/welcome', '#<b>')).toEqual({ token: null, address: '/' });
    expect(take('/welcome', `#${'a'.repeat(129)}`)).toEqual({ token: null, address: '/' });
  });

  it('leaves other addresses alone', () => {
    expect(take('/cameras/door', '#main')).toEqual({ token: null, address: '/cameras/door#main' });
  });
});
