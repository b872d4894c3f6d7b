import type { SignInFailure } from '@camplane/contracts/access';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { AppContext } from '../app-context.tsx';
import type { AppParts } from '../app-context.tsx';
import { App } from '../app.tsx';
import { Notice } from '../interface/notice.tsx';
import { LoginPage } from './login-page.tsx';
import type { SessionStore } from './session-store.ts';

type Props = {
  session: SessionStore;
  /** Why signing in at the issuer failed; null without such an attempt. */
  signInFailure: SignInFailure | null;
  /** Called after each sign-in; `stop` ends what it started. Nothing of one user is shown to the next. */
  startParts: () => { parts: AppParts; stop: () => void };
};

/** The login page, or the dashboard of the signed-in user. */
export function SessionGate({ session, signInFailure, startParts }: Props) {
  const state = useSyncExternalStore(session.subscribe, session.current);
  switch (state.kind) {
    case 'loading':
      return null;
    case 'unreachable':
      return (
        <main className="login">
          <div className="login-card">
            <h1>Camplane cannot be reached</h1>
            <Notice tone="warning">{state.reason} This page retries automatically.</Notice>
            <button type="button" className="button" onClick={session.retryNow}>
              Try now
            </button>
          </div>
        </main>
      );
    case 'signed-out':
      return (
        <LoginPage
          why={state.why}
          failure={state.why === null ? signInFailure : null}
          signIn={session.signIn}
        />
      );
    case 'signed-in':
      return <SignedIn key={state.session.userId ?? state.session.method} startParts={startParts} />;
  }
}

function SignedIn({ startParts }: Pick<Props, 'startParts'>) {
  const [parts, setParts] = useState<AppParts | null>(null);
  useEffect(() => {
    const started = startParts();
    setParts(started.parts);
    return started.stop;
  }, [startParts]);
  if (!parts) return null;
  return (
    <AppContext value={parts}>
      <App />
    </AppContext>
  );
}
