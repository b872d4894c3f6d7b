import { CamplaneError } from '@camplane/contracts/problem';
import type { Request, RequestHandler } from 'express';
import type { Access } from '../access/access.ts';

/**
 * `/metrics` needs a session or API token, of any user: it has counts of cameras, viewers and refusals, and no ids, names
 * or addresses. In a cluster Prometheus calls pods directly, without one; what a proxy forwards is from elsewhere.
 */
export function metricsGuard(
  access: Pick<Access, 'prepare' | 'authenticate'>,
  { isInCluster }: { isInCluster: boolean },
): RequestHandler {
  return async (request, _response, next) => {
    if (isInCluster && !isForwarded(request)) return next();
    await access.prepare(request);
    if (access.authenticate(request).kind === 'anonymous') {
      throw new CamplaneError('unauthenticated', 'Metrics need a login: send an API token');
    }
    next();
  };
}

/** Every proxy adds one of these, and a client cannot remove it. */
function isForwarded({ headers }: Request): boolean {
  return headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
}
