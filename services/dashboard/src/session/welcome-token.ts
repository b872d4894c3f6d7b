/**
 * The one-time token of an address such as `/welcome#TOKEN`, or null. Replaces the address at once, so that the token
 * stands neither in the history nor in a bookmark.
 */
export function takeWelcomeToken(window: Pick<Window, 'location' | 'history'>): string | null {
  const { pathname, hash } = window.location;
  if (!/^\/welcome\/?$/.test(pathname)) return null;
  window.history.replaceState(null, '', '/');
  const token = hash.replace(/^#/, '');
  return /^[A-Za-z0-9_-]{1,128}$/.test(token) ? token : null;
}
