export type SplitUrl = { url: string; username: string; password: string };

/**
 * Splits the login from an address such as `rtsp://admin:secret@host/…`, as camera manuals give it. Null if it has
 * none.
 */
export function splitLogin(text: string): SplitUrl | null {
  const match = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)@(.*)$/i.exec(text.trim());
  if (!match) return null;
  const [, scheme = '', userInfo = '', rest = ''] = match;
  const colon = userInfo.indexOf(':');
  const username = colon === -1 ? userInfo : userInfo.slice(0, colon);
  const password = colon === -1 ? '' : userInfo.slice(colon + 1);
  return { url: `${scheme}${rest}`, username: decoded(username), password: decoded(password) };
}

/** A password with a bare `%` is not percent-encoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
