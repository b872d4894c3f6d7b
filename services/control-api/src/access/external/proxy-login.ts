import type { IncomingMessage } from 'node:http';
import type { ProxyLoginConfig } from './external-config.ts';
import { proxyIssuer } from './external-identity.ts';
import type { ExternalIdentity } from './external-identity.ts';
import { mappedGroups } from './role-mapping.ts';
import type { RoleMapping } from './role-mapping.ts';

const nameMaxLength = 256;
const groupsMax = 1_000;

/** Users whom a reverse proxy has authenticated and names in headers. */
export type ProxyLogin = {
  /** The user of a request from a trusted proxy; undefined without the header, and from any other address. */
  identityOf(request: IncomingMessage): ExternalIdentity | undefined;
  /** Why the headers of a request were ignored; undefined if it has none or they count. */
  ignoredReason(request: IncomingMessage): string | undefined;
};

export function createProxyLogin(
  { userHeader, groupsHeader }: ProxyLoginConfig,
  deps: { mapping: readonly RoleMapping[]; isFromProxy(request: IncomingMessage): boolean },
): ProxyLogin {
  const { mapping, isFromProxy } = deps;
  const nameIn = (request: IncomingMessage): string | undefined => {
    const values = request.headersDistinct[userHeader.toLowerCase()] ?? [];
    const name = values[0]?.trim() ?? '';
    // Twice: a client may have added one that the proxy did not remove.
    return values.length === 1 && name !== '' && name.length <= nameMaxLength ? name : undefined;
  };
  return {
    identityOf: (request) => {
      const name = nameIn(request);
      if (name === undefined || !isFromProxy(request)) return undefined;
      const groups = (request.headersDistinct[groupsHeader.toLowerCase()] ?? [])
        .flatMap((value) => value.split(','))
        .slice(0, groupsMax)
        .map((group) => group.trim());
      const displayName = name.replace(/[\p{Cc}\p{Cs}]/gu, '').slice(0, 128);
      return { issuer: proxyIssuer, subject: name, name, displayName, groups: mappedGroups(mapping, groups) };
    },
    ignoredReason: (request) =>
      request.headersDistinct[userHeader.toLowerCase()] === undefined || isFromProxy(request)
        ? undefined
        : `The header ${userHeader} is ignored: it did not come from an address in CAMPLANE_TRUSTED_PROXIES`,
  };
}
