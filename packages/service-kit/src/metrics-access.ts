import { bearerGuard } from './bearer-guard.ts';
import type { RequestHandler } from 'express';
import { wordValue } from './environment-values.ts';
import type { Refusals } from './refusals.ts';
import { serviceSecret } from './service-secret.ts';

/** Variables of every service that serves `/metrics`. */
export const metricsVariables = {
  METRICS_TOKEN: {
    schema: serviceSecret,
    description:
      'Bearer token that reads `/metrics`, 32 random characters or more. If not set, services on loopback serve metrics to ' +
      'every program of the machine, and others refuse them.',
    secret: true,
  },
  METRICS_ACCESS: {
    schema: wordValue(['token', 'open']),
    default: 'token',
    description:
      'Who reads `/metrics`: `token` for callers with `METRICS_TOKEN`, `open` for everybody who reaches the port, for a Prometheus ' +
      'that sends no token.',
  },
};

/** Who may read `/metrics`. Absent: callers on loopback. */
export type MetricsAccess = { token?: string; isOpen?: boolean };

export function metricsAccess(env: {
  METRICS_TOKEN: string | undefined;
  METRICS_ACCESS: 'token' | 'open';
}): MetricsAccess {
  const { METRICS_TOKEN: token, METRICS_ACCESS: access } = env;
  return { ...(token === undefined ? {} : { token }), isOpen: access === 'open' };
}

/** @param host listen address of the service */
export function metricsGuard(host: string, access: MetricsAccess, refusals: Refusals): RequestHandler {
  if (access.isOpen === true) return (_request, _response, next) => next();
  return bearerGuard({
    ...{ endpoint: 'metrics', host, variable: 'METRICS_TOKEN', refusals },
    secret: access.token ?? null,
  });
}
