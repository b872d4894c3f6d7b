import type { Metrics } from '@camplane/service-kit/metrics';
import type { RequestHandler } from 'express';

/** Measures every request by route pattern: ids as labels would create one series each. */
export function requestMetrics(metrics: Metrics): RequestHandler {
  const durations = metrics.histogram({
    name: 'camplane_http_request_duration_seconds',
    help: 'Duration of HTTP requests, from the request headers to the end of the response',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.3, 1, 3, 10],
  });
  return (request, response, next) => {
    const startedAt = performance.now();
    response.once('close', () => {
      const route: unknown = (request.route as { path?: unknown } | undefined)?.path;
      durations.observe(
        {
          route: typeof route === 'string' ? route : 'other',
          method: knownMethods.has(request.method) ? request.method : 'other',
          status: String(response.statusCode),
        },
        (performance.now() - startedAt) / 1000,
      );
    });
    next();
  };
}

const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']);
