import { monotonicClock } from '@camplane/runtime/clock';
import type { Clock } from '@camplane/runtime/clock';
import { messageOf } from '@camplane/runtime/message-of';
import type { BusLog } from '../event-bus.ts';
import { isConnectionError } from './kafka-client.ts';

/** As a readiness check of service-kit wants it. */
export type BrokerHealth = { ok: true } | { ok: false; reason: string };

export type BrokerPresence = {
  /** Something was answered. */
  up(): void;
  /** Something failed; only what says that no broker was reached counts. */
  down(error: unknown): void;
  health(): BrokerHealth;
};

/** Whether a broker answers, by what its users meet: one line when it goes away, one when it is back. */
export function watchBrokers(
  brokers: readonly string[],
  log: BusLog,
  clock: Pick<Clock, 'now'> = monotonicClock,
): BrokerPresence {
  let state: 'unknown' | 'up' | 'down' = 'unknown';
  let sinceMs = clock.now();
  let reason = 'no broker of Kafka has answered yet';
  return {
    up() {
      if (state === 'down') {
        log.warn({ brokers, awayMs: clock.now() - sinceMs }, 'Kafka is back');
      }
      state = 'up';
    },
    down(error) {
      if (!isConnectionError(error)) return;
      reason = `no broker of Kafka answers at ${brokers.join(', ')}: ${messageOf(error)}`;
      if (state === 'down') return;
      state = 'down';
      sinceMs = clock.now();
      log.warn(
        { brokers, reason: messageOf(error) },
        'Kafka does not answer; it is tried again until it does',
      );
    },
    health: () => (state === 'up' ? { ok: true } : { ok: false, reason }),
  };
}
