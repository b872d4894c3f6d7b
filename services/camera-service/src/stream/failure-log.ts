import type { SupervisorView } from '@camplane/supervisor/supervise';
import type { Logger } from '@camplane/service-kit/logging';

/**
 * Logs a stream's failures: one line per new reason, one when video is live again. A camera that is unreachable for a
 * night is logged once, not per attempt.
 */
export function createFailureLog(
  log: Logger,
  labels: { camera: string; stream: string },
): (view: SupervisorView, nowMs: number) => void {
  let reported: string | null = null;
  let sinceMs = 0;
  let wasLive = false;
  return (view, nowMs) => {
    const isLive = view.phase === 'running';
    if (isLive && !wasLive) {
      const interruption = reported === null ? {} : { after: reported, downMs: Math.round(nowMs - sinceMs) };
      log.info({ ...labels, ...interruption }, 'video is live');
      reported = null;
    }
    wasLive = isLive;
    if (view.phase !== 'waiting' || !view.failure || view.failure.kind === reported) return;
    if (reported === null) sinceMs = nowMs;
    const { kind, message } = view.failure;
    reported = kind;
    const delayMs =
      view.nextAttemptMs === null ? undefined : Math.max(0, Math.round(view.nextAttemptMs - nowMs));
    log.warn({ ...labels, reason: kind, detail: message, delayMs }, 'stream failed, will retry');
  };
}
