import { Router } from 'express';
import type { RequestHandler } from 'express';
import type { Health } from './health.ts';
import type { Metrics } from './metrics.ts';
import { redactUrls } from './redact-url.ts';

/**
 * The routes of every service: `/healthz` (liveness), `/readyz` (readiness; 503 lists the failed checks) and `/metrics`
 * (Prometheus text format), for callers that `guardMetrics` admits. Kubernetes calls the first two without a credential.
 */
export function operationalRoutes({
  health,
  metrics,
  guardMetrics,
}: {
  health: Health;
  metrics: Metrics;
  guardMetrics: RequestHandler;
}): Router {
  const router = Router();
  router.use(['/healthz', '/readyz', '/metrics'], (_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  router.get('/healthz', (_request, response) => {
    response.json({ ok: true });
  });
  router.get('/readyz', (_request, response) => {
    const { ready, checks } = health.readiness();
    response.status(ready ? 200 : 503).json({
      ready,
      checks: checks.map(({ reason, ...check }) =>
        // A reason may quote another program's error, with a URL in it.
        reason === undefined ? check : { ...check, reason: redactUrls(reason) },
      ),
    });
  });
  router.get('/metrics', guardMetrics, async (_request, response) => {
    const text = await metrics.registry.metrics();
    response.set('Content-Type', metrics.registry.contentType).send(text);
  });
  return router;
}
