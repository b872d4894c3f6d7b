import { CamplaneError } from '@camplane/contracts/problem';
import { equalText } from '@camplane/runtime/equal-text';
import { bearerCredential } from '@camplane/service-kit/bearer-credential';
import type { MetricsAccess } from '@camplane/service-kit/metrics-access';
import type { Refusals } from '@camplane/service-kit/refusals';
import type { Request, RequestHandler } from 'express';
import type { Access } from '../access/access.ts';

/**
 * `/metrics` needs the token of Prometheus, or a session or API token of any user: it has counts of cameras, viewers and
 * refusals, and no ids, names or addresses. Where metrics are open, a request that a proxy forwards still needs one: its
 * client may be outside of the network.
 */
export function metricsGuard(
  access: Pick<Access, 'prepare' | 'authenticate'>,
  { token, isOpen = false }: MetricsAccess,
  refusals: Refusals,
): RequestHandler {
  return async (request, _response, next) => {
    if (isOpen && !isForwarded(request)) return next();
    const sent = bearerCredential(request.headers);
    if (token !== undefined && sent !== undefined && equalText(sent, token)) return next();
    await access.prepare(request);
    try {
      requireUser(access, request);
    } catch (error) {
      if (error instanceof CamplaneError && error.kind === 'unauthenticated') {
        refusals.count('metrics', request);
      }
      throw error;
    }
    next();
  };
}

function requireUser(access: Pick<Access, 'authenticate'>, request: Request): void {
  if (access.authenticate(request).kind !== 'anonymous') return;
  throw new CamplaneError('unauthenticated', 'Metrics need METRICS_TOKEN or an API token');
}

/** Proxies add one of these headers, which their clients cannot remove. */
function isForwarded({ headers }: Request): boolean {
  return headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
}
