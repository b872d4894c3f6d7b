import type { User } from '@camplane/contracts/access';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { ConfirmDialog } from '../interface/confirm-dialog.tsx';
import { Notice } from '../interface/notice.tsx';
import { useAction } from '../interface/use-action.ts';
import { newPassword } from './generate-password.ts';
import { LoginDetails } from './login-details.tsx';

/** Sets a new password for a user and shows it once. */
export function ResetPassword({ user }: { user: User }) {
  const [asking, setAsking] = useState(false);
  const [password, setPassword] = useState<string | null>(null);
  const action = useAction();
  const confirm = () =>
    action.run(async () => {
      const made = newPassword();
      await api.resetPassword({ id: user.id, body: { password: made } });
      setPassword(made);
      setAsking(false);
    });
  if (password !== null) return <LoginDetails username={user.username} password={password} />;
  return (
    <section className="section" aria-labelledby="reset-title">
      <h2 id="reset-title">Password</h2>
      <div className="button-row">
        <button type="button" className="button" onClick={() => setAsking(true)}>
          Reset password
        </button>
      </div>
      {asking && (
        <ConfirmDialog
          title={`Reset the password of ${user.username}?`}
          confirmLabel="Reset password"
          pendingLabel="Resetting…"
          pending={action.pending}
          onConfirm={() => void confirm()}
          onCancel={() => setAsking(false)}
        >
          <p>
            Their sessions end and their API tokens are revoked, video included. You get a new password to
            send.
          </p>
          {action.error !== null && <Notice tone="error">{action.error}</Notice>}
        </ConfirmDialog>
      )}
    </section>
  );
}
