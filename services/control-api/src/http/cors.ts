import type { Operation } from '@camplane/contracts/operation';
import type { RequestHandler } from 'express';
import type { OriginPolicy } from './origin-policy.ts';

/**
 * Lets pages of permitted origins read the answers of a path, and answers their preflight requests (Fetch standard,
 * "CORS protocol"), which have no credentials. `request-guards.ts` has refused all others. Credentials are an
 * `Authorization` header; cookies are not sent to other origins.
 */
export function corsHeaders(entries: readonly Operation[], policy: OriginPolicy): RequestHandler[] {
  const shared = entries.filter(({ cors }) => cors);
  if (shared.length === 0) return [];
  const methods = shared.map(({ method }) => method.toUpperCase()).join(', ');
  return [
    (request, response, next) => {
      const { origin, host } = request.headers;
      response.vary('Origin');
      if (origin !== undefined && policy.isOriginAllowed(origin, host)) {
        response.set({
          'Access-Control-Allow-Origin': origin,
          'Access-Control-Expose-Headers': 'ETag, Location, Link, Accept-Post, Accept-Patch, Retry-After',
        });
      }
      if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) {
        next();
        return;
      }
      response
        .status(204)
        .set({
          'Access-Control-Allow-Methods': methods,
          'Access-Control-Allow-Headers': 'Authorization, Content-Type, If-Match',
          'Access-Control-Max-Age': '600',
        })
        .end();
    },
  ];
}
