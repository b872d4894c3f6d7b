import { parseSourceUrl } from '@camplane/contracts/source-url';

type Source = { url: string; subUrl: string | null };

/**
 * Whether a camera's stored credentials may be used for another source: only if everything the new source
 * connects to (scheme, host and port) was connected to with them before. Otherwise whoever may edit a camera,
 * but not read its password, could have it sent to a host of their own.
 */
export function mayReuseCredentials(stored: Source, wanted: Source): boolean {
  const known = new Set(endpointsOf(stored));
  return endpointsOf(wanted).every((endpoint) => known.has(endpoint));
}

function endpointsOf(source: Source): string[] {
  return [source.url, source.subUrl].flatMap((url) => {
    const parsed = url === null ? undefined : parseSourceUrl(url);
    if (!parsed?.ok || (parsed.source.kind !== 'rtsp' && parsed.source.kind !== 'http')) return [];
    const { kind, secure, host, port } = parsed.source;
    return [`${kind}${secure ? 's' : ''}://${host}:${port}`];
  });
}
