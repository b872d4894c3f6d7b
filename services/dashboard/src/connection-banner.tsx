import { useApp, useCameras } from './app-context.tsx';
import { useNow } from './interface/use-now.ts';
import { secondsUntil } from './wording/duration.ts';

/** Says that what is shown may be old, and when the next attempt to reach the server is. */
export function ConnectionBanner() {
  const { feed } = useApp();
  const { connection } = useCameras();
  const lost = connection.kind === 'lost';
  const nowMs = useNow(lost);
  // The live region stays in the page, or what appears in it would not be read out.
  return (
    <div role="status" aria-live="polite">
      {lost && (
        <div className="banner">
          <p>
            <strong>Not connected.</strong> {connection.reason} What is shown may be out of date.
          </p>
          {connection.nextAttemptMs === null ? (
            <span>Connecting…</span>
          ) : (
            <>
              <span aria-hidden="true">
                Trying again in {secondsUntil(connection.nextAttemptMs, nowMs)} s
              </span>
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
