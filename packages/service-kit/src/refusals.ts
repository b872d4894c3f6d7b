import type { Clock } from '@camplane/runtime/clock';
import { createLogLimiter } from '@camplane/runtime/log-limiter';
import type { IncomingMessage } from 'node:http';
import type { Logger } from './logging.ts';
import type { Metrics } from './metrics.ts';

/** Endpoints that need the credential of a service or program. */
export type GuardedEndpoint = 'cameras' | 'detect' | 'media-hook' | 'metrics' | 'streams';

/** Counts and logs requests of callers that are not the expected service or program. */
export type Refusals = {
  /** @param caller the service, if its credential is valid but not sufficient */
  count(endpoint: GuardedEndpoint, request: Pick<IncomingMessage, 'socket'>, caller?: string): void;
};

const linesPerMinute = 5;

/** The log is limited for each endpoint; the metric counts all. */
export function createRefusals(dependencies: {
  log: Pick<Logger, 'warn'>;
  metrics: Metrics;
  clock: Pick<Clock, 'now'>;
}): Refusals {
  const { log, clock } = dependencies;
  const refused = dependencies.metrics.counter({
    name: 'camplane_refused_requests_total',
    help: 'Requests without the credential of a service or of Prometheus, by endpoint',
    labelNames: ['endpoint'],
  });
  const limit = createLogLimiter({ perMinute: linesPerMinute, now: () => clock.now() });
  return {
    count(endpoint, { socket }, caller) {
      refused.inc({ endpoint });
      const line = `request refused: the credential is not valid for ${endpoint}`;
      for (const passed of limit(line)) {
        log.warn({ address: socket.remoteAddress, ...(caller === undefined ? {} : { caller }) }, passed);
      }
    },
  };
}
