import { CamplaneError } from '@camplane/contracts/problem';
import { equalText } from '@camplane/runtime/equal-text';
import { bearerCredential } from '@camplane/service-kit/bearer-credential';
import type { Refusals } from '@camplane/service-kit/refusals';
import type { NextFunction, Request, RequestHandler, Response } from 'express';

export type CallerRight = 'status' | 'snapshot' | 'probe';

/** Services that call camera-service, and what each may do. */
const rightsOfCallers = {
  'control-api': ['snapshot', 'probe'],
  'camera-operator': ['status'],
  'stream-proxy': ['snapshot'],
} as const satisfies Record<string, readonly CallerRight[]>;
export type CallerName = keyof typeof rightsOfCallers;

export type Callers = {
  /** One password for each service, all different. Empty: see `shared`. */
  passwords: Partial<Record<CallerName, string>>;
  /** Used only if `passwords` is empty. Grants every right; null: everybody who reaches the port has every right. */
  shared: string | null;
};

export function isOpenToEverybody({ passwords, shared }: Callers): boolean {
  return shared === null && Object.keys(passwords).length === 0;
}

/**
 * Admits requests with `Authorization: Bearer` and the password of a service.
 *
 * @throws CamplaneError `unauthenticated`
 */
export function requireCaller({ passwords, shared }: Callers, refusals: Refusals): RequestHandler {
  const known = Object.entries(passwords) as [CallerName, string][];
  const callerOf = (sent: string): CallerName | 'any' | undefined => {
    if (known.length > 0) return known.find(([, password]) => equalText(sent, password))?.[0];
    return shared === null || equalText(sent, shared) ? 'any' : undefined;
  };
  return (request, response, next) => {
    const caller = callerOf(bearerCredential(request.headers) ?? '');
    if (caller === undefined) {
      refusals.count('cameras', request);
      throw new CamplaneError('unauthenticated', 'This service answers other services of Camplane only.');
    }
    setCaller(response, caller);
    next();
  };
}

/**
 * Admits callers that may do this, after {@link requireCaller}.
 *
 * @throws CamplaneError `forbidden`
 */
export function requireRight(right: CallerRight, refusals: Refusals) {
  return <P>(request: Request<P>, response: Response, next: NextFunction): void => {
    const caller = callerOf(response);
    if (caller !== 'any' && !(rightsOfCallers[caller] as readonly CallerRight[]).includes(right)) {
      refusals.count('cameras', request, caller);
      throw new CamplaneError('forbidden', `${caller} has no right to: ${right}`);
    }
    next();
  };
}

function setCaller({ locals }: Response, caller: CallerName | 'any'): void {
  locals['caller'] = caller;
}

function callerOf({ locals }: Response): CallerName | 'any' {
  return locals['caller'] as CallerName | 'any';
}
