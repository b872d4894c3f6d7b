import { CamplaneError } from '@camplane/contracts/problem';
import { equalText } from '@camplane/mediamtx/equal-text';
import type { RequestHandler } from 'express';

/**
 * Admits requests with `Authorization: Bearer` and the password that Camplane's services share. Null admits everybody.
 *
 * @throws CamplaneError `unauthenticated`
 */
export function requireCaller(password: string | null): RequestHandler {
  return (request, _response, next) => {
    const sent = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (password !== null && (sent === undefined || !equalText(sent, password))) {
      throw new CamplaneError('unauthenticated', 'This service answers other services of Camplane only.');
    }
    next();
  };
}
