import { CamplaneError } from '@camplane/contracts/problem';
import type { RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';

/** Counts calls by client address in fixed minutes; one more is refused with `Retry-After`. */
export function perMinute(what: string, limit: number): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    identifier: what,
    // The address counted is the connection's: a header that anyone can send is not believed, nor worth a warning.
    validate: { xForwardedForHeader: false, forwardedHeader: false },
    handler: (_request, _response, next) => {
      next(
        new CamplaneError('too-many-requests', `More than ${limit} ${what} a minute: wait, then try again`),
      );
    },
  });
}
