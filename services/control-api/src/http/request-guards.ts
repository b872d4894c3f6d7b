import { CamplaneError } from '@camplane/contracts/problem';
import type { RequestHandler } from 'express';
import type { OriginPolicy } from './origin-policy.ts';

/** Refuses requests with an unknown host name, and changes from pages of other origins. */
export function requestGuards(policy: OriginPolicy): RequestHandler {
  return (request, _response, next) => {
    const { host, origin } = request.headers;
    if (!policy.isHostAllowed(host)) {
      throw new CamplaneError(
        'cross-origin',
        `Unknown host name '${(host ?? '').slice(0, 255)}': add it to CAMPLANE_ALLOWED_HOSTS to allow it`,
      );
    }
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const fetchSite = request.get('sec-fetch-site');
    if (!isRead && !policy.isOriginAllowed(origin, host, fetchSite)) {
      throw new CamplaneError(
        'cross-origin',
        `Changes from ${(origin ?? 'another site').slice(0, 255)} are refused: ` +
          'add the origin to CAMPLANE_ALLOWED_ORIGINS to allow them',
      );
    }
    next();
  };
}
