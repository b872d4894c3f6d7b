import { CamplaneError } from '@camplane/contracts/problem';
import type { RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';

/** Limits calls per client address and minute. Refusals have `Retry-After`. */
export function perMinute(what: string, limit: number): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    identifier: what,
    // The address of the connection counts. Forwarding headers can be forged and are ignored, without a warning.
    validate: { xForwardedForHeader: false, forwardedHeader: false },
    handler: (_request, _response, next) => {
      next(new CamplaneError('too-many-requests', `More than ${limit} ${what} per minute: wait, then retry`));
    },
  });
}
