import { isIP } from 'node:net';

/** Which pages may call this API: the defence against cross-site requests and DNS rebinding, on loopback too. */
export type OriginPolicy = {
  isHostAllowed(hostHeader: string | undefined): boolean;
  /** For a request that changes something, or a WebSocket. A program that is no browser sends no `Origin`. */
  isOriginAllowed(origin: string | undefined, hostHeader: string | undefined, fetchSite?: string): boolean;
};

export function createOriginPolicy(config: {
  allowedOrigins: readonly string[];
  allowedHosts: readonly string[];
}): OriginPolicy {
  const origins = new Set(config.allowedOrigins);
  const names = new Set([
    'localhost',
    ...config.allowedHosts,
    ...config.allowedOrigins.map((origin) => new URL(origin).hostname),
  ]);

  const isHostAllowed = (hostHeader: string | undefined): boolean => {
    const name = hostNameOf(hostHeader);
    if (name === undefined) return false;
    // Rebinding needs a name that its owner can point elsewhere; a literal address is nobody's to move.
    return isIP(name.replace(/^\[|\]$/g, '')) !== 0 || names.has(name) || name.endsWith('.localhost');
  };

  return {
    isHostAllowed,
    isOriginAllowed: (origin, hostHeader, fetchSite) => {
      // Sent by the browser itself (Fetch Metadata): a page cannot forge or omit it.
      if (origin === undefined) return fetchSite !== 'cross-site';
      if (origins.has(origin.toLowerCase())) return true;
      if (!URL.canParse(origin) || !isHostAllowed(hostHeader)) return false;
      // Its own origin. The scheme is not compared: a proxy may end TLS before us.
      const { protocol, host } = new URL(origin);
      return /^https?:$/.test(protocol) && host === hostOf(hostHeader, protocol);
    },
  };
}

/** Host and port as a URL of this scheme has them: the default port is left out. */
function hostOf(hostHeader: string | undefined, protocol: string): string | undefined {
  const url = `${protocol}//${hostHeader ?? ''}`;
  return hostNameOf(hostHeader) === undefined ? undefined : new URL(url).host;
}

function hostNameOf(hostHeader: string | undefined): string | undefined {
  if (
    hostHeader === undefined ||
    !/^[a-zA-Z0-9_.-]+(:\d{1,5})?$|^\[[0-9a-fA-F:.]+\](:\d{1,5})?$/.test(hostHeader)
  ) {
    return undefined;
  }
  const url = `http://${hostHeader}`;
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}
