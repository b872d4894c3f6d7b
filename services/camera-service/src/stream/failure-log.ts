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
    if (view.phase === 'running' && !wasLive) {
      wasLive = true;
      const afterSeconds = reported === null ? undefined : Math.round((nowMs - sinceMs) / 1000);
      log.info(
        { ...labels, ...(reported === null ? {} : { after: reported, afterSeconds }) },
        'video is live',
      );
      reported = null;
      return;
    }
    if (view.phase !== 'running') wasLive = false;
    if (view.phase !== 'waiting' || !view.failure || view.failure.kind === reported) return;
    if (reported === null) sinceMs = nowMs;
    reported = view.failure.kind;
    const nextSeconds =
      view.nextAttemptMs === null
        ? undefined
        : Math.max(0, Math.round((view.nextAttemptMs - nowMs) / 100) / 10);
    log.warn(
      { ...labels, reason: view.failure.kind, nextAttemptInSeconds: nextSeconds },
      view.failure.message,
    );
  };
}
