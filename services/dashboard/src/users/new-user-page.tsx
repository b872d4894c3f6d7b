import type { User } from '@camplane/contracts/access';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { useApp } from '../app-context.tsx';
import { asSentence } from '../camera-form/field.tsx';
import { LoadFailure } from '../interface/load-failure.tsx';
import { TextInput, verbatim } from '../interface/text-input.tsx';
import { RouteLink } from '../routing/route-link.tsx';
import { newPassword } from './generate-password.ts';
import { LoginDetails } from './login-details.tsx';
import { useRoles } from './use-roles.ts';
import { UserForm } from './user-form.tsx';
import type { UserFields } from './user-form.tsx';
import { createUserBody, newUserValues } from './user-values.ts';

/** One form makes a user; then the page shows what to send them, once. */
export function NewUserPage() {
  const { announce } = useApp();
  const { value: roles, error, reload } = useRoles();
  const [initial] = useState(() => newUserValues(newPassword()));
  const [created, setCreated] = useState<{ user: User; password: string } | null>(null);
  if (created !== null) {
    return (
      <div className="form-page">
        <h1>{created.user.username} can sign in now</h1>
        <LoginDetails username={created.user.username} password={created.password} />
        <div className="button-row">
          <RouteLink className="button" to={{ page: 'users' }}>
            All users
          </RouteLink>
        </div>
      </div>
    );
  }
  return (
    <div className="form-page">
      <h1>Add user</h1>
      <LoadFailure what="The roles" error={error} retry={reload} />
      {roles === null && error === null && <p className="page-note">Loading…</p>}
      {roles !== null && (
        <UserForm
          initial={initial}
          roles={roles}
          submitLabel="Add user"
          cancelTo={{ page: 'users' }}
          check={createUserBody}
          save={async (body) => {
            const user = await api.createUser({ body });
            setCreated({ user, password: body.password });
            window.scrollTo(0, 0);
            announce(`${user.username} added.`);
          }}
          fields={(form) => <NewUserFields form={form} />}
        />
      )}
    </div>
  );
}

function NewUserFields({ form: { values, errors, change } }: { form: UserFields }) {
  const errorOf = (name: string) => (errors[name] === undefined ? null : asSentence(errors[name]));
  return (
    <>
      <div className="field-pair">
        <TextInput
          {...verbatim}
          label="User name"
          maxLength={64}
          autoFocus
          value={values.username}
          onText={(text) => change({ username: text.toLowerCase() })}
          error={errorOf('username')}
        />
        <TextInput
          label="Full name"
          optional
          autoComplete="off"
          maxLength={128}
          value={values.displayName}
          onText={(displayName) => change({ displayName })}
          error={errorOf('displayName')}
        />
      </div>
      <TextInput
        {...verbatim}
        label="Password"
        hint="Generated. Keep it, or type another of at least 12 characters. The next page shows it once, to send."
        className="code-input"
        maxLength={256}
        value={values.password}
        onText={(password) => change({ password })}
        error={errorOf('password')}
      />
    </>
  );
}
