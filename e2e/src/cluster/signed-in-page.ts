import type { SignedIn } from '@camplane/testkit/sign-in';
import type { Page } from 'playwright-core';

/** For `openDashboard`: adds the session cookie of a user to a page. */
export function signedInAs({ cookie }: SignedIn, origin: string): { prepare(page: Page): Promise<void> } {
  const cookies = cookie.split('; ').map((pair) => {
    const at = pair.indexOf('=');
    return { name: pair.slice(0, at), value: pair.slice(at + 1), url: origin };
  });
  return { prepare: (page) => page.context().addCookies(cookies) };
}
