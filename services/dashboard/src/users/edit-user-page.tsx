import type { Role, User } from '@camplane/contracts/access';
import { useCallback, useState } from 'react';
import { useTokens } from '../account/use-tokens.ts';
import { TokenList } from '../account/token-list.tsx';
import { api } from '../api/client.ts';
import { useApp, useSession } from '../app-context.tsx';
import { asSentence } from '../camera-form/field.tsx';
import { ConfirmDialog } from '../interface/confirm-dialog.tsx';
import { Icon } from '../interface/icon.tsx';
import { LoadFailure } from '../interface/load-failure.tsx';
import { Notice } from '../interface/notice.tsx';
import { TextInput } from '../interface/text-input.tsx';
import { useAction } from '../interface/use-action.ts';
import { useLoaded } from '../interface/use-loaded.ts';
import { RouteLink } from '../routing/route-link.tsx';
import { ResetPassword } from './reset-password.tsx';
import { useRoles } from './use-roles.ts';
import { UserForm } from './user-form.tsx';
import type { UserFields } from './user-form.tsx';
import { replaceUserBody, valuesOfUser } from './user-values.ts';

export function EditUserPage({ id }: { id: string }) {
  const load = useCallback((signal: AbortSignal) => api.readUser({ id }, { signal }), [id]);
  const { value: user, error, reload } = useLoaded(load);
  const roles = useRoles();
  return (
    <div className="form-page">
      <div className="page-head">
        <RouteLink className="back" to={{ page: 'users' }} aria-label="All users">
          <Icon name="back" />
        </RouteLink>
        <h1>{user?.username ?? 'User'}</h1>
      </div>
      <LoadFailure what="The user" error={error} retry={reload} />
      <LoadFailure what="The roles" error={roles.error} retry={roles.reload} />
      {user !== null && roles.value !== null && <EditUser user={user} roles={roles.value} />}
    </div>
  );
}

function EditUser({ user, roles }: { user: User; roles: readonly Role[] }) {
  const { navigation, announce, session } = useApp();
  const { userId } = useSession();
  const tokens = useTokens(user.id);
  const isSelf = userId === user.id;
  return (
    <>
      <UserForm
        initial={valuesOfUser(user)}
        roles={roles}
        submitLabel="Save"
        cancelTo={{ page: 'users' }}
        grantsNote={user.signIn === 'password' ? null : grantsNotes[user.signIn]}
        check={replaceUserBody}
        save={async (body) => {
          await api.replaceUser({ id: user.id, body });
          navigation.go({ page: 'users' }, { replace: true });
          announce(`${user.username} saved.`);
          if (isSelf) await session.refresh();
        }}
        fields={(form) => <EditUserFields form={form} isSelf={isSelf} />}
      />
      {!isSelf && user.signIn === 'password' && <ResetPassword user={user} />}
      {!isSelf && (
        <section className="section" aria-labelledby="user-tokens-title">
          <h2 id="user-tokens-title">API tokens</h2>
          <TokenList tokens={tokens} />
        </section>
      )}
      {!isSelf && <DeleteUser user={user} />}
    </>
  );
}

const grantsNotes = {
  oidc: 'Their groups at the identity provider decide this, at each sign-in.',
  proxy: 'Their groups at the authenticating proxy decide this.',
};

function EditUserFields({ form: { values, errors, change }, isSelf }: { form: UserFields; isSelf: boolean }) {
  return (
    <>
      <TextInput
        label="Full name"
        optional
        autoComplete="off"
        maxLength={128}
        value={values.displayName}
        onText={(displayName) => change({ displayName })}
        error={errors['displayName'] === undefined ? null : asSentence(errors['displayName'])}
      />
      {isSelf ? (
        <p className="field-hint">This is your own account. Its password is on the account page.</p>
      ) : (
        <label className="toggle">
          <input
            type="checkbox"
            checked={values.enabled}
            onChange={({ target }) => change({ enabled: target.checked })}
          />
          <span>
            Enabled
            <span className="field-hint">
              Switched off: sessions and tokens end at once, video included. Nothing is deleted.
            </span>
          </span>
        </label>
      )}
    </>
  );
}

function DeleteUser({ user }: { user: User }) {
  const { navigation, announce } = useApp();
  const [asking, setAsking] = useState(false);
  const action = useAction();
  const confirm = () =>
    action.run(async () => {
      await api.deleteUser({ id: user.id });
      setAsking(false);
      navigation.go({ page: 'users' }, { replace: true });
      announce(`${user.username} deleted.`);
    });
  return (
    <div className="button-row">
      <button type="button" className="button button-quiet-danger" onClick={() => setAsking(true)}>
        <Icon name="trash" />
        Delete user
      </button>
      {asking && (
        <ConfirmDialog
          title={`Delete ${user.username}?`}
          confirmLabel="Delete user"
          pending={action.pending}
          onConfirm={() => void confirm()}
          onCancel={() => setAsking(false)}
        >
          <p>Their sessions and API tokens end at once. This cannot be undone.</p>
          {action.error !== null && <Notice tone="error">{action.error}</Notice>}
        </ConfirmDialog>
      )}
    </div>
  );
}
