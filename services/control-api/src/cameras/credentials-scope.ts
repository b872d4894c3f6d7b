import { parseSourceUrl } from '@camplane/contracts/source-url';

type Source = { url: string; subUrl: string | null };

/**
 * Whether stored credentials may be used for another source: only if they were used for every scheme, host and port of
 * it before. Otherwise a user who may edit a camera but not read its password could send it to a host of their choice.
 */
export function mayReuseCredentials(stored: Source, requested: Source): boolean {
  const known = new Set(endpointsOf(stored));
  return endpointsOf(requested).every((endpoint) => known.has(endpoint));
}

function endpointsOf(source: Source): string[] {
  return [source.url, source.subUrl].flatMap((url) => {
    const parsed = url === null ? undefined : parseSourceUrl(url);
    if (!parsed?.ok || (parsed.source.kind !== 'rtsp' && parsed.source.kind !== 'http')) return [];
    const { kind, secure, host, port } = parsed.source;
    return [`${kind}${secure ? 's' : ''}://${host}:${port}`];
  });
}
