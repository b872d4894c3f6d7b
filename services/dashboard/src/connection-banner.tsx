import { useApp, useCameras } from './app-context.tsx';
import { useNow } from './interface/use-now.ts';
import { secondsUntil } from './wording/duration.ts';

/** Shown while the server is unreachable. */
export function ConnectionBanner() {
  const { feed } = useApp();
  const { connection } = useCameras();
  const lost = connection.kind === 'lost';
  const nowMs = useNow(lost);
  // The live region must exist before its content, or screen readers do not read it out.
  return (
    <div role="status" aria-live="polite">
      {lost && (
        <div className="banner">
          <p>
            <strong>Not connected.</strong> {connection.reason} This page may be out of date.
          </p>
          {connection.nextAttemptMs === null ? (
            <span>Connecting…</span>
          ) : (
            <>
              <span aria-hidden="true">Retrying in {secondsUntil(connection.nextAttemptMs, nowMs)} s</span>
              <button type="button" className="button button-small" onClick={feed.retryNow}>
                Try now
              </button>
            </>
          )}
        </div>
      )}
    </div>
  );
}
