import type { SignInFailure } from '@camplane/contracts/access';
import { operationPath } from '@camplane/contracts/operations';
import type { Info } from '@camplane/contracts/operations';
import { useEffect, useRef, useState } from 'react';
import type { SyntheticEvent } from 'react';
import { api } from '../api/client.ts';
import { Notice } from '../interface/notice.tsx';
import { TextInput } from '../interface/text-input.tsx';
import { useLoaded } from '../interface/use-loaded.ts';
import { useNow } from '../interface/use-now.ts';
import { secondsUntil } from '../wording/duration.ts';
import { loginFailureOf, loginReasonText } from './login-wording.ts';
import type { LoginReason } from './session-store.ts';
import { signInFailureText } from './sign-in-failure.ts';

type Props = {
  why: LoginReason;
  /** Why signing in at the issuer failed. */
  failure: SignInFailure | null;
  signIn: (username: string, password: string) => Promise<void>;
};

/** Shown at any address until a user signs in, so that the requested page follows. */
export function LoginPage({ why, failure, signIn }: Props) {
  const { value: info } = useLoaded(loadInfo);
  const issuer = info?.signIn.oidc ?? null;
  useEffect(() => {
    document.title = 'Sign in – Camplane';
  }, []);
  const reason = loginReasonText(why);
  return (
    <main id="main" className="login">
      <div className="login-card">
        <p className="brand">
          <img src="/icon.svg" alt="" width="28" height="28" />
          Camplane
        </p>
        <h1>Sign in</h1>
        {reason !== null && <Notice tone={why === 'welcome-refused' ? 'warning' : 'info'}>{reason}</Notice>}
        {failure !== null && (
          <Notice tone="error">{signInFailureText(failure, issuer?.name ?? 'the identity provider')}</Notice>
        )}
        {issuer !== null && <IssuerButton name={issuer.name} />}
        <LoginForm signIn={signIn} />
        <FirstPassword open={why === 'welcome-refused'} />
      </div>
    </main>
  );
}

/** A link, since the browser leaves the page. */
function IssuerButton({ name }: { name: string }) {
  const returnTo = `${window.location.pathname}${window.location.search}`;
  return (
    <>
      <a
        className="button button-primary login-issuer"
        href={`${operationPath('startOidc')}?returnTo=${encodeURIComponent(returnTo)}`}
      >
        Sign in with {name}
      </a>
      <p className="login-or">or with a password</p>
    </>
  );
}

function loadInfo(signal: AbortSignal): Promise<Info> {
  return api.readInfo({}, { signal });
}

function LoginForm({ signIn }: Pick<Props, 'signIn'>) {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [pending, setPending] = useState(false);
  const [failure, setFailure] = useState<{ message: string; retryAtMs: number | null } | null>(null);
  const passwordInput = useRef<HTMLInputElement>(null);
  const retryAtMs = failure?.retryAtMs ?? null;
  const nowMs = useNow(retryAtMs !== null);
  const waitSeconds = retryAtMs === null ? 0 : secondsUntil(retryAtMs, nowMs);

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (pending || waitSeconds > 0) return;
    setPending(true);
    setFailure(null);
    try {
      await signIn(username.trim(), password);
    } catch (error) {
      const found = loginFailureOf(error);
      const waitMs = found.waitSeconds === null ? null : found.waitSeconds * 1000;
      setFailure({ message: found.message, retryAtMs: waitMs === null ? null : Date.now() + waitMs });
      setPending(false);
      passwordInput.current?.focus();
      passwordInput.current?.select();
    }
  };

  return (
    <form className="login-form" onSubmit={(event) => void submit(event)}>
      <TextInput
        label="User name"
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus
        required
        maxLength={64}
        value={username}
        onText={setUsername}
      />
      <TextInput
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        required
        maxLength={256}
        value={password}
        onText={setPassword}
        ref={passwordInput}
      />
      {failure !== null && (
        <Notice tone="error">
          {failure.message}
          {retryAtMs !== null &&
            (waitSeconds > 0 ? ' Wait before you try again.' : ' You can try again now.')}
        </Notice>
      )}
      <button type="submit" className="button button-primary" disabled={pending || waitSeconds > 0}>
        {pending ? 'Signing in…' : waitSeconds > 0 ? `Try again in ${waitSeconds} s` : 'Sign in'}
      </button>
    </form>
  );
}

function FirstPassword({ open }: { open: boolean }) {
  return (
    <details className="login-help" open={open}>
      <summary>Where is my password?</summary>
      <p>
        The first user is <code>admin</code>. Its password is in the file <code>admin-password</code> in the
        data folder (<code>DATA_DIR</code>) on the machine that runs Camplane. Read it there:
      </p>
      <p>
        <code>cat data/admin-password</code>
      </p>
      <p>
        Camplane prints the path when it starts, with a new link that signs in once. If{' '}
        <code>CAMPLANE_ADMIN_PASSWORD</code> was set at the first start, that is the password. In Kubernetes,
        the notes of the installation say how to read it. Other users ask an administrator.
      </p>
    </details>
  );
}
