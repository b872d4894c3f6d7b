import type { Logger } from '@camplane/service-kit/logging';
import type { AiFailureKind } from './ai-request.ts';

/** At most one line per kind of failure in this time. */
const quietMs = 60_000;

export type Failure = { kind: AiFailureKind; message: string };

/** Logs failures of the AI service without a line for every frame. */
export function createFailureLog(options: {
  log: Pick<Logger, 'info' | 'warn'>;
  /** Its address, without credentials. */
  service: string;
  now(): number;
}) {
  const { log, service, now } = options;
  const logged = new Map<AiFailureKind, { atMs: number; since: number }>();

  return {
    failed({ kind, message }: Failure): void {
      const last = logged.get(kind);
      if (last && now() - last.atMs < quietMs) {
        last.since += 1;
        return;
      }
      logged.set(kind, { atMs: now(), since: 0 });
      const suppressed = last && last.since > 0 ? { suppressed: last.since } : {};
      log.warn({ service, kind, ...suppressed }, `AI service failed: ${message}`);
    },
    unavailable(failures: number, { kind, message }: Failure): void {
      log.warn(
        { service, kind },
        `AI service unavailable after ${failures} consecutive failures, will retry: ${message}`,
      );
    },
    availableAgain(awayMs: number): void {
      logged.clear();
      log.info({ service, awayMs }, 'AI service available again');
    },
  };
}
