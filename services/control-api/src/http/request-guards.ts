import { CamplaneError } from '@camplane/contracts/problem';
import type { RequestHandler } from 'express';
import type { OriginPolicy } from './origin-policy.ts';

/** Refuses requests under a host name that is not ours, and changes asked for by other origins' pages. */
export function requestGuards(policy: OriginPolicy): RequestHandler {
  return (request, _response, next) => {
    const { host, origin } = request.headers;
    if (!policy.isHostAllowed(host)) {
      throw new CamplaneError(
        'cross-origin',
        `This API is not called '${(host ?? '').slice(0, 255)}': add the name to CAMPLANE_ALLOWED_HOSTS if it is`,
      );
    }
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const fetchSite = request.get('sec-fetch-site');
    if (!isRead && !policy.isOriginAllowed(origin, host, fetchSite)) {
      throw new CamplaneError(
        'cross-origin',
        `Changes are not taken from ${(origin ?? 'another site').slice(0, 255)}: ` +
          'add the origin to CAMPLANE_ALLOWED_ORIGINS if its pages may make them',
      );
    }
    next();
  };
}
