import { CamplaneError } from '@camplane/contracts/problem';
import { equalText } from '@camplane/runtime/equal-text';
import { bearerCredential } from '@camplane/service-kit/bearer-credential';
import type { RequestHandler } from 'express';

/**
 * Admits requests with `Authorization: Bearer` and the password that Camplane's services share. Null admits everybody.
 *
 * @throws CamplaneError `unauthenticated`
 */
export function requireCaller(password: string | null): RequestHandler {
  return (request, _response, next) => {
    if (password !== null && !equalText(bearerCredential(request.headers) ?? '', password)) {
      throw new CamplaneError('unauthenticated', 'This service answers other services of Camplane only.');
    }
    next();
  };
}
