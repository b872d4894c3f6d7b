import { notFoundHandler, problemHandler } from '@camplane/service-kit/problem-middleware';
import { operationalRoutes } from '@camplane/service-kit/operational-routes';
import type { Health } from '@camplane/service-kit/health';
import type { Logger } from '@camplane/service-kit/logging';
import type { Metrics } from '@camplane/service-kit/metrics';
import type { MetricsAccess } from '@camplane/service-kit/metrics-access';
import type { Refusals } from '@camplane/service-kit/refusals';
import express from 'express';
import type { Express } from 'express';
import { parse as parseQueryString } from 'node:querystring';
import { rememberClient } from '../access/caller.ts';
import type { TrustedProxies } from '../access/trusted-proxies.ts';
import type { Limits } from '../config.ts';
import { dashboardRoutes } from '../dashboard/dashboard-routes.ts';
import { apiRouter } from './api-router.ts';
import type { Handlers } from './api-router.ts';
import type { OriginPolicy } from './origin-policy.ts';
import type { GuardDeps } from './operation-guard.ts';
import { metricsGuard } from './metrics-guard.ts';
import { perMinute } from './rate-limits.ts';
import { requestGuards } from './request-guards.ts';
import { requestMetrics } from './request-metrics.ts';
import { securityHeaders } from './security-headers.ts';

/** The Express application, with its middleware in order. */
export function createWebApp(deps: {
  handlers: Handlers;
  guard: GuardDeps;
  originPolicy: OriginPolicy;
  proxies: TrustedProxies;
  mediaOrigins: readonly string[];
  dashboardDir: string | undefined;
  limits: Limits;
  metricsAccess: MetricsAccess;
  refusals: Refusals;
  health: Health;
  metrics: Metrics;
  log: Logger;
}): Express {
  const { limits } = deps;
  const app = express();
  app.disable('x-powered-by');
  // The default would drop parameters after the thousandth. The size of the request head bounds their number.
  app.set('query parser', (text: string) => parseQueryString(text, '&', '=', { maxKeys: 0 }));
  app.use((request, _response, next) => {
    rememberClient(request, deps.proxies.clientOf(request));
    next();
  });
  app.use(requestMetrics(deps.metrics));
  app.use(securityHeaders(deps.mediaOrigins));
  // Before the guards: Kubernetes and Prometheus call by the address or name of the pod.
  const guardMetrics = metricsGuard(deps.guard.access, deps.metricsAccess, deps.refusals);
  app.use(operationalRoutes({ health: deps.health, metrics: deps.metrics, guardMetrics }));
  app.use(requestGuards(deps.originPolicy));
  app.use(
    apiRouter(deps.handlers, deps.guard, deps.originPolicy, {
      bodyMaxBytes: limits.bodyMaxBytes,
      write: perMinute('changes', limits.writesPerMinute),
      probe: perMinute('probes', limits.probesPerMinute),
      login: perMinute('logins', limits.loginsPerMinute),
    }),
  );
  app.use(dashboardRoutes(deps.dashboardDir));
  app.use(notFoundHandler());
  app.use(problemHandler({ log: deps.log }));
  return app;
}
