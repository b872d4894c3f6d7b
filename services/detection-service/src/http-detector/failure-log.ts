import type { Logger } from '@camplane/service-kit/logging';
import type { AiFailureKind } from './ai-request.ts';

/** Of one kind of failure, one line in this time. */
const quietMs = 60_000;

export type Failure = { kind: AiFailureKind; message: string };

/** Says what is wrong with an AI service without saying it for every frame. */
export function createFailureLog(options: {
  log: Pick<Logger, 'info' | 'warn'>;
  /** Its address, without credentials. */
  service: string;
  now(): number;
}) {
  const { log, service, now } = options;
  const told = new Map<AiFailureKind, { atMs: number; since: number }>();

  return {
    failed({ kind, message }: Failure): void {
      const last = told.get(kind);
      if (last && now() - last.atMs < quietMs) {
        last.since += 1;
        return;
      }
      told.set(kind, { atMs: now(), since: 0 });
      const unsaid = last && last.since > 0 ? { notTold: last.since } : {};
      log.warn({ service, kind, ...unsaid }, `the AI service gave no answer of use: ${message}`);
    },
    wentAway(failures: number, { kind, message }: Failure): void {
      log.warn(
        { service, kind },
        `the AI service (AI_SERVICE_URL) is away after ${failures} failures in a row, the last: ${message}; ` +
          'it is tried again from time to time, and detectors other than http go on',
      );
    },
    cameBack(awayMs: number): void {
      told.clear();
      log.info({ service, awayMs }, 'the AI service is back');
    },
  };
}
