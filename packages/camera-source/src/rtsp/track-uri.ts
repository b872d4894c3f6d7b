/**
 * URIs to try for the SETUP of a track, most likely first. RFC 2326, C.1.1, resolves `a=control` against the base;
 * clients and cameras append it, with a slash if it is absent (live555, FFmpeg).
 */
export function trackUris(options: {
  control: string | null;
  /** `Content-Base` or `Content-Location` of the description. */
  contentBase: string | null;
  requestUri: string;
}): string[] {
  const { control, contentBase, requestUri } = options;
  const bases = contentBase === null ? [requestUri] : [contentBase, requestUri];
  if (control === null || control === '*' || control === '') return distinct(bases);
  if (/^rtsps?:\/\//i.test(control)) return distinct([control]);
  const resolved = bases.flatMap((base) =>
    URL.canParse(control, base) ? [new URL(control, base).href] : [],
  );
  return distinct([...bases.map((base) => append(base, control)), ...resolved]).slice(0, 3);
}

/** URIs to try for the PLAY of a session. Some cameras allow only that of a track. */
export function sessionUris(options: {
  control: string | null;
  contentBase: string | null;
  requestUri: string;
  trackUri: string;
}): string[] {
  const { control, contentBase, requestUri, trackUri } = options;
  const stated = control !== null && /^rtsps?:\/\//i.test(control) ? [control] : [];
  return distinct([...stated, contentBase ?? requestUri, requestUri, trackUri]).slice(0, 3);
}

function append(base: string, control: string): string {
  const isSeparated = base.endsWith('/') || control.startsWith('/') || control.startsWith('?');
  return `${base}${isSeparated ? '' : '/'}${control}`;
}

function distinct(uris: readonly string[]): string[] {
  // A space would end the URI in the request.
  return [...new Set(uris.map((uri) => uri.replace(/\s/g, '%20')))];
}
