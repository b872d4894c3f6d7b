/**
 * FFmpeg requests `http://HOST.tls.camplane.invalid:443/…` from the gateway, which connects to HOST with TLS. Relative
 * addresses of a playlist keep the mark. The domain `invalid` has no names (RFC 2606).
 */
const tlsMark = '.tls.camplane.invalid';
/** Names contain no colons: `[2001:db8::1]` is written `2001-db8--1.ip6`. */
const ipv6Mark = '.ip6';

export type GatewayTarget = { host: string; port: number; path: string; secure: boolean };

/** The address that FFmpeg opens through the gateway. */
export function gatewayUrl({ host, port, path, secure }: GatewayTarget): string {
  return `http://${secure ? markTls(host) : host}:${port}${path}`;
}

/** Reads what a client requests from a proxy (RFC 9112, 3.2.2); null if it is anything else. */
export function readGatewayUrl(text: string): GatewayTarget | null {
  const parts = /^http:\/\/([^/?#@\s]+)((?:[/?][^\s]*)?)$/i.exec(text);
  const authority = /^(\[[0-9a-f:.]+\]|[^[\]:]+)(?::(\d{1,5}))?$/i.exec(parts?.[1] ?? '');
  if (!parts || !authority) return null;
  const named = (authority[1] ?? '').toLowerCase();
  const secure = named.endsWith(tlsMark);
  const port = Number(authority[2] ?? (secure ? 443 : 80));
  if (port < 1 || port > 65_535) return null;
  const rest = parts[2] ?? '';
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  return { host: secure ? withoutMark(named) : named, port, path, secure };
}

/** The `Host` header of a target: without the port that is the default. */
export function hostHeaderOf({ host, port, secure }: GatewayTarget): string {
  return port === (secure ? 443 : 80) ? host : `${host}:${port}`;
}

/** Rewrites the https addresses of a playlist or a redirect, so that FFmpeg requests them from the gateway. */
export function hideTls(text: string): string {
  return text.replace(
    /https:\/\/(?:[^/?#@\s"',]*@)?(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?(?![a-z0-9._:-])/gi,
    (_url, host: string, port: string | undefined) =>
      `http://${markTls(host.toLowerCase())}:${port ?? '443'}`,
  );
}

function markTls(host: string): string {
  const name = host.startsWith('[') ? `${host.slice(1, -1).replaceAll(':', '-')}${ipv6Mark}` : host;
  return `${name}${tlsMark}`;
}

function withoutMark(named: string): string {
  const host = named.slice(0, -tlsMark.length);
  return host.endsWith(ipv6Mark) ? `[${host.slice(0, -ipv6Mark.length).replaceAll('-', ':')}]` : host;
}
