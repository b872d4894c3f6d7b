import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { arrayBuffer } from 'node:stream/consumers';

/**
 * A `fetch` that sends every request to one address, with the host name of its URL as `Host`. For services of a cluster,
 * whose names do not resolve outside. Supports bodies of text.
 */
export function fetchAt(address: string): typeof globalThis.fetch {
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const outgoing = request({
      ...{ host: address, port: url.port, path: `${url.pathname}${url.search}` },
      method: init.method ?? 'GET',
      headers: { ...Object.fromEntries(new Headers(init.headers)), host: url.host },
      ...(init.signal ? { signal: init.signal } : {}),
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
