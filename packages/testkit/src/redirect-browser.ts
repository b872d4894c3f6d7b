import { operationPath } from '@camplane/contracts/operations';

/** Follows redirects between Camplane and an issuer with the cookies of each, as a browser does. */
export type RedirectBrowser = {
  /** Cookies of Camplane, by name. Tests may change them. */
  cookies: Map<string, string>;
  /** Begins a sign-in. @returns the address at Camplane to which the issuer sends the browser */
  toCallback(returnTo?: string): Promise<URL>;
  /** Opens an address of Camplane. @returns where it redirects to, and the status */
  open(address: URL | string): Promise<{ status: number; location: string }>;
  /** The header with the cookies of Camplane. */
  headers(): { cookie: string };
};

const redirectsMax = 10;

/**
 * @param url where Camplane listens
 * @param publicUrl the origin that it is configured to have
 */
export function createRedirectBrowser(url: string, publicUrl: string): RedirectBrowser {
  const cookies = new Map<string, string>();
  const ofIssuer = new Map<string, string>();
  const open = async (
    address: URL | string,
    jar = cookies,
  ): Promise<{ status: number; location: string }> => {
    const target = address.toString().replace(publicUrl, url);
    const response = await fetch(target, { redirect: 'manual', headers: { cookie: textOf(jar) } });
    await response.arrayBuffer();
    for (const line of response.headers.getSetCookie()) store(jar, line);
    return { status: response.status, location: response.headers.get('location') ?? '' };
  };
  return {
    cookies,
    open: (address) => open(address),
    headers: () => ({ cookie: textOf(cookies) }),
    toCallback: async (returnTo) => {
      const query = returnTo === undefined ? '' : `?returnTo=${encodeURIComponent(returnTo)}`;
      const first = await open(`${url}${operationPath('startOidc')}${query}`);
      let location = new URL(first.location, publicUrl).href;
      for (let count = 0; count < redirectsMax && !location.startsWith(publicUrl); count++) {
        const from = location;
        ({ location } = await open(from, ofIssuer));
        location = new URL(location, from).href;
      }
      return new URL(location);
    },
  };
}

function textOf(jar: ReadonlyMap<string, string>): string {
  return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
}

function store(jar: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(';');
  const at = pair.indexOf('=');
  const name = pair.slice(0, at).trim();
  const value = pair.slice(at + 1).trim();
  const isDeleted = attributes.some((attribute) =>
    /^\s*(max-age=0|expires=Thu, 01 Jan 1970)/i.test(attribute),
  );
  if (isDeleted || value === '') jar.delete(name);
  else jar.set(name, value);
}
