import { monotonicClock } from '@camplane/runtime/clock';
import type { Clock } from '@camplane/runtime/clock';
import type { BusLog } from '../event-bus.ts';
import { describeConnectionFailure } from './connection-failure.ts';
import { isConnectionError } from './kafka-client.ts';

/** For a readiness check of service-kit. */
export type BrokerHealth = { ok: true } | { ok: false; reason: string };

export type BrokerPresence = {
  /** A broker responded. */
  up(): void;
  /** A request failed; ignored unless no broker was reached. */
  down(error: unknown): void;
  health(): BrokerHealth;
};

/** Tracks whether a broker responds, from the results of all requests. Logs each change once. */
export function watchBrokers(
  brokers: readonly string[],
  log: BusLog,
  clock: Pick<Clock, 'now'> = monotonicClock,
): BrokerPresence {
  let state: 'unknown' | 'up' | 'down' = 'unknown';
  let sinceMs = clock.now();
  let reason = 'no Kafka broker has responded yet';
  return {
    up() {
      if (state === 'down') {
        log.warn({ brokers, unreachableMs: clock.now() - sinceMs }, 'Kafka reachable again');
      }
      state = 'up';
    },
    down(error) {
      if (!isConnectionError(error)) return;
      const failure = describeConnectionFailure(error);
      reason = `no Kafka broker responds at ${brokers.join(', ')}: ${failure}`;
      if (state === 'down') return;
      state = 'down';
      sinceMs = clock.now();
      log.warn({ brokers, reason: failure }, 'Kafka unreachable, will retry');
    },
    health: () => (state === 'up' ? { ok: true } : { ok: false, reason }),
  };
}
