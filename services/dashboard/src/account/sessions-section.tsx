import type { Session } from '@camplane/contracts/access';
import { useCallback } from 'react';
import { api } from '../api/client.ts';
import { useApp } from '../app-context.tsx';
import { LoadFailure } from '../interface/load-failure.tsx';
import { Notice } from '../interface/notice.tsx';
import { useAction } from '../interface/use-action.ts';
import { useLoaded } from '../interface/use-loaded.ts';
import { useNow } from '../interface/use-now.ts';
import { coarseAgoText, exactText } from '../wording/detection.ts';
import { browserText } from './browser-text.ts';

/** Where the user is signed in. */
export function SessionsSection() {
  const load = useCallback(async (signal: AbortSignal) => (await api.listSessions({}, { signal })).items, []);
  const { value: sessions, error, reload } = useLoaded(load);
  const action = useAction();
  const { announce } = useApp();
  const end = (id: string) =>
    action.run(async () => {
      await api.endSession({ id });
      announce('Session ended.');
      reload();
    });
  return (
    <section className="section" aria-labelledby="sessions-title">
      <h2 id="sessions-title">Sessions</h2>
      <p className="field-hint">Browsers that are signed in with your account.</p>
      <LoadFailure what="Your sessions" error={error} retry={reload} />
      {action.error !== null && <Notice tone="error">{action.error}</Notice>}
      {sessions === null && error === null && <p className="muted">Loading…</p>}
      <ul className="rows">
        {sessions?.map((session) => (
          <SessionRow
            key={session.id}
            session={session}
            pending={action.pending}
            end={() => void end(session.id)}
          />
        ))}
      </ul>
    </section>
  );
}

function SessionRow({ session, pending, end }: { session: Session; pending: boolean; end: () => void }) {
  const nowMs = useNow();
  const browser = browserText(session.userAgent);
  const usedMs = Date.parse(session.lastUsedAt);
  return (
    <li className="row">
      <div className="row-text">
        <strong>{browser}</strong>
        <span className="muted">
          {session.address} ·{' '}
          <span title={exactText(usedMs)}>
            {session.current ? 'this browser' : `used ${coarseAgoText(usedMs, nowMs)}`}
          </span>
        </span>
      </div>
      {!session.current && (
        <button type="button" className="button button-small" disabled={pending} onClick={end}>
          End<span className="visually-hidden"> the session of {browser}</span>
        </button>
      )}
    </li>
  );
}
