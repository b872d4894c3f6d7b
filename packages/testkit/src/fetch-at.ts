import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { arrayBuffer } from 'node:stream/consumers';

/**
 * A `fetch` that sends every request to one address, with the host name of its URL as `Host`. For services of a cluster,
 * whose names do not resolve outside. Supports bodies of text; does not follow redirects.
 *
 * @param ca authority of certificates, in PEM, for URLs with `https:`. They must be valid for the host name of the URL
 */
export function fetchAt(address: string, { ca }: { ca?: string } = {}): typeof globalThis.fetch {
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const isSecure = url.protocol === 'https:';
    const outgoing = (isSecure ? httpsRequest : request)({
      ...{ host: address, port: url.port, path: `${url.pathname}${url.search}` },
      method: init.method ?? 'GET',
      headers: { ...Object.fromEntries(new Headers(init.headers)), host: url.host },
      ...(init.signal ? { signal: init.signal } : {}),
      ...(isSecure ? { ca, servername: url.hostname, agent: false } : {}),
    });
    outgoing.end(typeof init.body === 'string' ? init.body : '');
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    const headers = new Headers();
    for (const [name, values = []] of Object.entries(response.headersDistinct)) {
      for (const value of values) headers.append(name, value);
    }
    const body = await arrayBuffer(response);
    const status = response.statusCode ?? 500;
    return new Response(body.byteLength === 0 ? null : body, { status, headers });
  };
}
