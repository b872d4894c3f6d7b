import { useEffect } from 'react';
import { useApp, useSession } from '../app-context.tsx';
import { Notice } from '../interface/notice.tsx';
import { useAction } from '../interface/use-action.ts';
import { PasswordSection } from './password-section.tsx';
import { PlayerSection } from './player-section.tsx';
import { SessionsSection } from './sessions-section.tsx';
import { TokensSection } from './tokens-section.tsx';
import { useTokens } from './use-tokens.ts';

/** What belongs to the signed-in user. @param props.camera the camera to make an address for */
export function AccountPage({ camera }: { camera: string | null }) {
  const { username, userId, method, signIn } = useSession();
  const tokens = useTokens(userId);
  useEffect(() => {
    if (camera !== null) document.getElementById('player-title')?.scrollIntoView();
  }, [camera]);
  return (
    <div className="form-page">
      <div className="page-head">
        <h1>Account</h1>
        <p className="muted">{username}</p>
        {method !== 'proxy' && <SignOut />}
      </div>
      <PlayerSection username={username ?? ''} camera={camera} onCreated={tokens.reload} />
      <TokensSection tokens={tokens} />
      {signIn === 'password' && <PasswordSection username={username ?? ''} />}
      {method !== 'proxy' && <SessionsSection />}
    </div>
  );
}

function SignOut() {
  const { session, navigation } = useApp();
  const action = useAction();
  const signOut = () =>
    action.run(async () => {
      await session.signOut();
      navigation.go({ page: 'cameras' }, { replace: true });
    });
  return (
    <>
      <button type="button" className="button" disabled={action.pending} onClick={() => void signOut()}>
        Sign out
      </button>
      {action.error !== null && <Notice tone="error">{action.error}</Notice>}
    </>
  );
}
