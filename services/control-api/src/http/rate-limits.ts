import { CamplaneError } from '@camplane/contracts/problem';
import type { RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { clientAddressOf } from '../access/caller.ts';

/** Limits calls per client address and minute. Refusals have `Retry-After`. */
export function perMinute(what: string, limit: number): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    identifier: what,
    // The whole /56 of an IPv6 address counts, since one customer has it. Express would not know the trusted proxies.
    keyGenerator: (request) => ipKeyGenerator(clientAddressOf(request)),
    validate: { xForwardedForHeader: false, forwardedHeader: false },
    handler: (_request, _response, next) => {
      next(new CamplaneError('too-many-requests', `More than ${limit} ${what} per minute: wait, then retry`));
    },
  });
}
