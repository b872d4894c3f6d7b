import { isIP } from 'node:net';

/** Which pages may call this API: protection against cross-site requests and DNS rebinding, also on loopback. */
export type OriginPolicy = {
  isHostAllowed(hostHeader: string | undefined): boolean;
  /** For changes and WebSockets. Clients other than browsers send no `Origin`. */
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
    // DNS rebinding needs a host name; an IP address cannot be rebound.
    return isIP(name.replace(/^\[|\]$/g, '')) !== 0 || names.has(name) || name.endsWith('.localhost');
  };

  return {
    isHostAllowed,
    isOriginAllowed: (origin, hostHeader, fetchSite) => {
      // Fetch Metadata: set by the browser, a page cannot change it.
      if (origin === undefined) return fetchSite !== 'cross-site';
      if (origins.has(origin.toLowerCase())) return true;
      if (!URL.canParse(origin) || !isHostAllowed(hostHeader)) return false;
      // The own origin. The scheme is not compared: a proxy may terminate TLS.
      const { protocol, host } = new URL(origin);
      return /^https?:$/.test(protocol) && host === hostOf(hostHeader, protocol);
    },
  };
}

/** Host and port in the form of a URL, without the default port of the scheme. */
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
