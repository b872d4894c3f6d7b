import { describe, expect, it } from '@jest/globals';
import { signInFailureSchema } from '@camplane/contracts/access';
import { signInFailureText, takeSignInFailure } from './sign-in-failure.ts';

function windowAt(href: string) {
  const shown: string[] = [];
  const history = { replaceState: (_state: unknown, _title: string, url: string) => shown.push(url) };
  return { window: { location: { href }, history } as unknown as Window, shown };
}

describe('takeSignInFailure', () => {
  it('reads the failure once and leaves the rest of the address', () => {
    const { window, shown } = windowAt('https://cameras.example/?camera=yard&signInFailure=no-role#top');
    expect(takeSignInFailure(window)).toBe('no-role');
    expect(shown).toEqual(['/?camera=yard#top']);
  });

  it('leaves other addresses alone', () => {
    const { window, shown } = windowAt('https://cameras.example/cameras/yard?wide=1');
    expect(takeSignInFailure(window)).toBeNull();
    expect(shown).toEqual([]);
  });

  it('shows no text of the address', () => {
    expect(takeSignInFailure(windowAt('https://cameras.example/?signInFailure=<b>call+us').window)).toBe(
      'rejected',
    );
  });
});

describe('signInFailureText', () => {
  it.each(signInFailureSchema.options)('has a sentence for %s', (failure) => {
    expect(signInFailureText(failure, 'Keycloak')).toMatch(/^[A-Z].*\.$/);
  });
});
