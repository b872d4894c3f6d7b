import type { SupervisorView } from '@camplane/supervisor/supervise';
import type { Logger } from '@camplane/service-kit/logging';

/**
 * What an operator reads of a stream's troubles: one line when a reason is new, one when video is back. A camera
 * that is away for a night says so once, not at each attempt.
 */
export function createFailureLog(
  log: Logger,
  labels: { camera: string; stream: string },
): (view: SupervisorView, nowMs: number) => void {
  let told: string | null = null;
  let sinceMs = 0;
  let wasLive = false;
  return (view, nowMs) => {
    if (view.phase === 'running' && !wasLive) {
      wasLive = true;
      const afterSeconds = told === null ? undefined : Math.round((nowMs - sinceMs) / 1000);
      log.info({ ...labels, ...(told === null ? {} : { after: told, afterSeconds }) }, 'video is live');
      told = null;
      return;
    }
    if (view.phase !== 'running') wasLive = false;
    if (view.phase !== 'waiting' || !view.failure || view.failure.kind === told) return;
    if (told === null) sinceMs = nowMs;
    told = view.failure.kind;
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
