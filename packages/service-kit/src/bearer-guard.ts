import { CamplaneError } from '@camplane/contracts/problem';
import { equalText } from '@camplane/runtime/equal-text';
import { isLoopback } from '@camplane/runtime/loopback';
import type { RequestHandler } from 'express';
import { bearerCredential } from './bearer-credential.ts';
import type { GuardedEndpoint, Refusals } from './refusals.ts';

/**
 * Admits requests with `Authorization: Bearer` and the secret. Without a secret, every caller of a service on loopback is
 * admitted, and no caller elsewhere.
 *
 * @throws CamplaneError `unauthenticated`
 */
export function bearerGuard(options: {
  endpoint: GuardedEndpoint;
  /** Listen address of the service. */
  host: string;
  secret: string | null;
  /** The variable that sets the secret, for the error message. */
  variable: string;
  refusals: Refusals;
}): RequestHandler {
  const { endpoint, host, secret, variable, refusals } = options;
  return (request, _response, next) => {
    const sent = bearerCredential(request.headers);
    const isAdmitted = secret === null ? isLoopback(host) : sent !== undefined && equalText(sent, secret);
    if (isAdmitted) return next();
    refusals.count(endpoint, request);
    throw new CamplaneError(
      'unauthenticated',
      secret === null
        ? `This needs a bearer token: set ${variable} at the service, and send it`
        : `This needs the bearer token ${variable}`,
    );
  };
}
