import { CamplaneError } from '@camplane/contracts/problem';
import { isLoopback } from '@camplane/runtime/loopback';
import type { RequestHandler } from 'express';
import { isIP } from 'node:net';

/**
 * For a service that listens on loopback, which web pages in a browser of this machine reach too: refuses unknown host
 * names (DNS rebinding) and requests that a page sends. Elsewhere it does nothing.
 *
 * @throws CamplaneError `cross-origin`
 */
export function loopbackGuard(listenHost: string): RequestHandler {
  if (!isLoopback(listenHost)) return (_request, _response, next) => next();
  return (request, _response, next) => {
    const { host, origin } = request.headers;
    if (!isLocalName(host)) {
      throw new CamplaneError('cross-origin', 'This port is for programs of this machine: use the API');
    }
    const site = request.get('sec-fetch-site') ?? 'none';
    if (origin !== undefined || site !== 'none') {
      throw new CamplaneError('cross-origin', 'This port refuses web pages: use the API');
    }
    next();
  };
}

function isLocalName(host = ''): boolean {
  const name = host.replace(/:\d{1,5}$/, '');
  return name === 'localhost' || isIP(name.replace(/^\[|\]$/g, '')) !== 0;
}
